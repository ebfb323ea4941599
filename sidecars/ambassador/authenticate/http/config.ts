import * as z from 'zod';
import { duration, url } from '../../../core/config/fields.ts';
import { httpTargetFields } from '../../../core/http/target.ts';
import { allowHttp, headerName, requireHttps } from '../fields.ts';

/** Of each connection by itself (RFC 9110 section 7.6.1), or of a body that is not sent. */
const ownToConnection = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Any service that says yes or no (forward auth). */
export const httpSchema = z
  .strictObject({
    type: z.literal('http'),
    url: url('https', 'http').describe('2xx lets in, 401 and 403 turn away, all else is 503.'),
    method: z.enum(['GET', 'HEAD', 'POST']).default('GET').describe('How the service is asked.'),
    send: z
      .array(headerName().refine((name) => !ownToConnection.has(name), 'belongs to one connection'))
      .prefault(['authorization', 'cookie'])
      .describe('The headers of the request that the service sees.'),
    subject: headerName()
      .prefault('x-auth-request-user')
      .describe('The header of the answer that names the caller.'),
    groups: headerName()
      .prefault('x-auth-request-groups')
      .describe('The header of the answer that lists the groups, separated by commas.'),
    take: z
      .array(headerName())
      .default([])
      .describe('Other headers of the answer, which become claims by their lower-case names.'),
    cache: z
      .strictObject({
        ttl: duration()
          .prefault('0s')
          .describe('How long an answer holds for the same request by the same caller.'),
        size: z.int().min(1).max(1_000_000).default(10_000).describe('Answers remembered.'),
      })
      .prefault({})
      .describe('The memory of answers; by default there is none.'),
    allowHttp: allowHttp(),
    ...httpTargetFields('1s'),
  })
  .superRefine(requireHttps('url'));

export type HttpConfig = z.output<typeof httpSchema>;
