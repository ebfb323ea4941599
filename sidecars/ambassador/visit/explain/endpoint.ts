import * as z from 'zod';
import type { AdminOptions } from '../../../core/admin/server.ts';
import type { Gate } from '../../policy/gate.ts';
import { explain } from './explain.ts';

const line = z.string().regex(/^[^\r\n]*$/, 'has no line ends');

const question = z.strictObject({
  method: line,
  path: line,
  headers: z.record(z.string().regex(/^[^\s:]+$/), line).default({}),
  from: z.string().default('127.0.0.1'),
});

/** How long the services that authenticators ask may take altogether. */
const limitMs = 10_000;

/**
 * `POST /explain` on the admin port: what would become of a request, and why. In the body, so that
 * no credential stands in a URL. Whoever may ask it may try credentials unseen: off by default.
 *
 * @example `{"method": "GET", "path": "/orders", "headers": {"authorization": "Bearer …"}}`
 */
export function explainRoute(on: boolean, gate: () => Gate): NonNullable<AdminOptions['routes']> {
  if (!on) return () => {};
  return (app) =>
    app.post('/explain', async (request, reply) => {
      const parsed = question.safeParse(request.body);
      if (!parsed.success) {
        const [{ path, message } = { path: [], message: 'no JSON' }] = parsed.error.issues;
        return reply.code(400).send({ error: `${path.join('.') || 'body'}: ${message}` });
      }
      const { method, path: target, headers, from: address } = parsed.data;
      const asked = { method, target, headers: Object.entries(headers), address };
      return explain(gate(), asked, AbortSignal.timeout(limitMs));
    });
}
