import * as z from 'zod';
import { duration, url } from '../../../core/config/fields.ts';
import { secret } from '../../../core/config/secret.ts';
import { httpTargetFields } from '../../../core/http/target.ts';
import { allowHttp, cacheFields, claimFields, headerName, requireHttps } from '../fields.ts';

const { auth: _, ...target } = httpTargetFields('2s');

/** Tokens whose issuer is asked about each of them (RFC 7662). */
export const introspectionSchema = z
  .strictObject({
    type: z.literal('introspection'),
    url: url('https', 'http').describe('The introspection endpoint.'),
    clientId: z.string().min(1).describe('How the ambassador names itself to the endpoint.'),
    clientSecret: secret().describe('What it proves that with (RFC 6749 section 2.3.1).'),
    header: headerName()
      .prefault('authorization')
      .describe('The header with the token; in authorization behind "Bearer ".'),
    issuer: z.string().min(1).optional().describe('The `iss` that the answer must have.'),
    audience: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('`aud` of the answer must hold one of these.'),
    ...claimFields({ scopes: 'scope' }),
    leeway: duration().prefault('0s').describe('Tolerated difference of clocks.'),
    cache: cacheFields('30s'),
    allowHttp: allowHttp(),
    ...target,
  })
  .superRefine(requireHttps('url'));

export type IntrospectionConfig = z.output<typeof introspectionSchema>;
