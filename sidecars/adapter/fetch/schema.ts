import * as z from 'zod';
import { duration, size, url } from '../../core/config/fields.ts';
import { httpTargetFields } from '../../core/http/target.ts';

/** The fields of a source that say where its document comes from and how it is read. */
export const fetchFields = {
  url: url('http', 'https').optional().describe('Where the app serves its stats.'),
  file: z.string().min(1).optional().describe('A file to read in place of a URL.'),
  format: z
    .enum(['json', 'ndjson', 'prometheus'])
    .default('json')
    .describe(
      'json, or several documents after each other (ndjson: an array to the rules), or a page that is in the format of Prometheus already.',
    ),
  method: z.enum(['GET', 'POST', 'PUT']).default('GET'),
  query: z.record(z.string(), z.string()).default({}).describe('Added to the query of the URL.'),
  body: z.string().optional().describe('Sent as the body of the request.'),
  validStatus: z
    .array(z.int().min(200).max(599))
    .min(1)
    .default([200])
    .describe('Statuses whose body is a document; some apps report with a 503 that they are ill.'),
  followRedirects: z
    .boolean()
    .default(false)
    .describe('Follow redirects to other paths of the same server; never to another one.'),
  ...httpTargetFields('5s'),
  maxBody: size()
    .prefault('16MiB')
    .describe('A longer document is given up while it is read; also bounds what is unpacked.'),
  cache: duration()
    .optional()
    .describe('How long a document serves later scrapes too; without it, each scrape fetches.'),
};

const fetchSchema = z.strictObject(fetchFields);
export type FetchOptions = z.output<typeof fetchSchema>;
