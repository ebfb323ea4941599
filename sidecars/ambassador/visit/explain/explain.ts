import { createServer, type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import type { Authenticator, Finding } from '../../authenticate/authenticator.ts';
import type { Gate } from '../../policy/gate.ts';
import type { Refusal } from '../../refusal.ts';
import { decide, inquire } from '../decide.ts';
import { createTracer } from '../trace.ts';
import { checkUpgrade } from '../upgrades.ts';
import { type AdmittedVisit, openVisit, type Visit } from '../visit.ts';

/** A request that is asked about, not made. */
export interface Question {
  readonly method: string;
  /** Path and query, as they would stand in the request line. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Where it would come from. */
  readonly address: string;
}

/** What one authenticator found; never the credential. */
export interface ExplainedFinding {
  readonly provider: string;
  readonly kind: Finding['kind'];
  readonly reason?: string;
  readonly subject?: string;
  readonly groups?: readonly string[];
  readonly scopes?: readonly string[];
  readonly expiresAt?: string;
  /** What its readiness check says, where that is not well. */
  readonly health?: string;
}

/** What would become of a request, and why. */
export interface Explanation {
  readonly decision: 'allowed' | 'refused';
  readonly status?: number;
  readonly reason?: string;
  readonly detail?: string;
  /** Fields of the refusal, such as `WWW-Authenticate: Bearer realm="corp"`. */
  readonly answer: readonly string[];
  /** The caller's address by the trusted-proxy rules. */
  readonly address: string;
  /** The path as it is judged and forwarded. */
  readonly path?: string;
  readonly route?: string;
  readonly public?: boolean;
  readonly findings: readonly ExplainedFinding[];
  readonly upstream?: string;
  /** Header lines that tell the app who is asking. */
  readonly identity: readonly string[];
}

/**
 * Judges a request by the very code that judges real ones, and tells each step. Nothing is sent to
 * the app; the services that authenticators ask are asked.
 */
export async function explain(
  gate: Gate,
  question: Question,
  signal: AbortSignal,
): Promise<Explanation> {
  const parsed = await parseHead(gate, question, signal);
  if (parsed === undefined) {
    const detail = 'no HTTP/1.1 request: its head cannot be parsed';
    const { address } = question;
    const refusal = { status: 400, reason: 'malformed_request', detail } as const;
    return { ...refusal, decision: 'refused', address, answer: [], findings: [], identity: [] };
  }
  const visit = openVisit(parsed.request, gate.policy, createTracer()(undefined));
  const verdict = await decide(visit, signal);
  visit.release?.();
  const refusal = toRefusal(verdict, parsed.upgrade);
  return {
    ...outcomeOf(refusal, visit),
    address: visit.address,
    findings: await findingsOf(gate, visit, signal),
    ...(visit.checked && { path: visit.checked.path }),
    ...(visit.route && { route: visit.route.name, public: visit.route.public }),
  };
}

function toRefusal(verdict: AdmittedVisit | Refusal, upgrade: boolean): Refusal | undefined {
  if ('status' in verdict) return verdict;
  return upgrade ? checkUpgrade(verdict, Buffer.alloc(0)) : undefined;
}

function outcomeOf(refusal: Refusal | undefined, { route, identity, policy }: Visit) {
  if (refusal === undefined) {
    const lines = identity === undefined ? '' : policy.identityFields(identity);
    return {
      decision: 'allowed',
      answer: [],
      identity: lines.split('\r\n').filter((line) => line !== ''),
      ...(route && { upstream: route.upstream.config.url }),
    } as const;
  }
  const { status, reason, detail, headers = [] } = refusal;
  const answer = headers.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${headers[i + 1]}`] : []));
  const identityLines: readonly string[] = [];
  return {
    decision: 'refused',
    status,
    reason,
    ...(detail !== undefined && { detail }),
    answer,
    identity: identityLines,
  } as const;
}

async function findingsOf(
  { authenticators }: Gate,
  visit: Visit,
  signal: AbortSignal,
): Promise<readonly ExplainedFinding[]> {
  const { checked, route } = visit;
  if (checked === undefined || route === undefined || route.public) return [];
  const inquiry = inquire(Object.assign(visit, { checked, route }));
  const asked = [...authenticators].filter(([, one]) => route.authenticators.includes(one));
  return Promise.all(
    asked.map(async ([provider, one]) => {
      const finding = await one.authenticate(inquiry, signal);
      return describeFinding(provider, finding, one);
    }),
  );
}

function describeFinding(
  provider: string,
  finding: Finding,
  { check }: Authenticator,
): ExplainedFinding {
  const { ok = true, message } = check?.() ?? {};
  const health = ok || message === undefined ? {} : { health: message };
  if (finding.kind !== 'proved') {
    return {
      provider,
      kind: finding.kind,
      ...('reason' in finding && { reason: finding.reason }),
      ...health,
    };
  }
  const { subject, groups, scopes, expiresAt } = finding.identity;
  const end = expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() };
  return { provider, kind: 'proved', subject, groups, scopes, ...end, ...health };
}

/** The request as Node's own parser reads it, from a connection that exists in memory only. */
function parseHead(
  { config }: Gate,
  { method, target, headers, address }: Question,
  signal: AbortSignal,
): Promise<{ request: IncomingMessage; upgrade: boolean } | undefined> {
  const named = headers.some(([name]) => name.toLowerCase() === 'host');
  const lines = [...(named ? [] : [['Host', 'localhost'] as const]), ...headers];
  const head = `${method} ${target} HTTP/1.1\r\n${lines.map((line) => `${line.join(': ')}\r\n`).join('')}\r\n`;
  const server = createServer({ maxHeaderSize: config.limits.head, joinDuplicateHeaders: false });
  const wire = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  return new Promise((resolve) => {
    const done = (request: IncomingMessage | undefined, upgrade: boolean) =>
      resolve(request && { request, upgrade });
    signal.addEventListener('abort', () => done(undefined, false), { once: true });
    server.on('request', (request: IncomingMessage) => done(request, false));
    server.on('upgrade', (request: IncomingMessage) => done(request, true));
    server.on('checkContinue', (request: IncomingMessage) => done(request, false));
    server.on('connect', (request: IncomingMessage) => done(request, true));
    server.on('clientError', () => done(undefined, false));
    server.emit('connection', Object.assign(wire, { remoteAddress: address }));
    wire.push(head, 'latin1');
  });
}
