import { writeForwarded } from './forward/forwarded.ts';
import { writeRequestHead } from './forward/request-head.ts';
import type { Trace } from './trace.ts';
import { type AdmittedVisit, headerOf } from './visit.ts';

/** The head that the app gets of a visit: the caller's fields, and the lines that are ours to say. */
export function writeOnwardHead(visit: AdmittedVisit, trace: Trace, upgrade?: string): string {
  const { request, checked, route, policy, identity, address, peer, proto } = visit;
  const { method, path, query, host, body } = checked;
  const { upstream } = route;
  const who = identity === undefined ? '' : policy.identityFields(identity);
  const way = writeForwarded({ client: address, peer, proto, host });
  const tracing = trace.kept ? '' : `traceparent: ${trace.traceparent}\r\n`;
  return writeRequestHead(
    {
      method,
      target: path + query,
      rawHeaders: request.rawHeaders,
      host: upstream.config.host === 'preserve' ? host : upstream.authority,
      added: who + way + tracing,
      body,
      upgrade,
    },
    // A trace that was not understood is begun anew: the old word for it must not stand beside.
    trace.kept || headerOf(request, 'traceparent') === undefined
      ? policy.fieldRules
      : (name) => (/^trace(parent|state)$/i.test(name) ? 'drop' : policy.fieldRules(name)),
  );
}
