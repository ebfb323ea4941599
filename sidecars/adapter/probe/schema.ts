import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import { probeModule } from '../source-config.ts';
import { parseTarget } from './target.ts';

const target = z.string().transform((text, context) => {
  const parsed = parseTarget(text);
  if (!('fault' in parsed)) return { ...parsed, toJSON: () => text };
  context.addIssue({ code: 'custom', message: parsed.fault });
  return z.NEVER;
});

const network = z.string().refine((text) => ipaddr.isValidCIDR(text) || ipaddr.isValid(text), {
  message: 'expected an address or a network such as 10.0.0.0/8',
});

/** The section `probe:`: whom `/probe?module=NAME&target=URL` may ask, and what for. */
export const probeSchema = z
  .strictObject({
    targets: z
      .array(target)
      .default([])
      .describe(
        'Whom a probe may ask, as "http://10.1.2.3:8080" or "https://*.shop.svc:*"; nobody by default. A "*" stands for one label of a name, or for any port.',
      ),
    addresses: z
      .array(network)
      .default([])
      .describe(
        'Private, loopback and link-local networks in which the names of targets may lie; without it, a name that leads there is refused.',
      ),
    modules: z
      .record(z.string().min(1), probeModule)
      .default({})
      .describe('What a probe asks and makes of the answer: sources without a URL.'),
  })
  .describe('GET /probe?module=NAME&target=URL, to run one adapter for many targets.');

export type ProbeConfig = z.output<typeof probeSchema>;
