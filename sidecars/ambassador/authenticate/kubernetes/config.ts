import * as z from 'zod';
import { url } from '../../../core/config/fields.ts';
import { httpTargetFields } from '../../../core/http/target.ts';
import { allowHttp, cacheFields, headerName, requireHttps } from '../fields.ts';

const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const { auth, tls, ...target } = httpTargetFields('3s');

const resource = z.strictObject({
  verb: z.string().min(1).optional().describe('Without it: get, create, update, patch, delete.'),
  group: z.string().default('').describe('The API group; empty for the core one.'),
  resource: z.string().min(1).describe('Such as services.'),
  subresource: z.string().min(1).optional().describe('Such as proxy.'),
  namespace: z.string().min(1).optional().describe('Without it: any namespace.'),
  name: z.string().min(1).optional().describe('Without it: any name.'),
});

/** Tokens of service accounts, which the API server is asked about. */
export const kubernetesSchema = z
  .strictObject({
    type: z.literal('kubernetes'),
    server: url('https', 'http')
      .prefault('https://kubernetes.default.svc')
      .describe('The API server.'),
    audience: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('The token must be for one of these; without it, for the API server itself.'),
    header: headerName().prefault('authorization').describe('The header with the token.'),
    subjectAccessReview: z
      .union([z.boolean(), resource])
      .default(false)
      .describe(
        'Ask RBAC as well: true for the path and the method of the request, or a resource to ask for.',
      ),
    cache: cacheFields('30s'),
    auth: auth.prefault({ bearer: { file: `${account}/token` } }),
    tls: tls.prefault({ ca: `${account}/ca.crt` }),
    allowHttp: allowHttp(),
    ...target,
  })
  .superRefine(requireHttps('server'));

export type KubernetesConfig = z.output<typeof kubernetesSchema>;
