import { checkRequest } from '../accept/request-check.ts';
import type { Inquiry } from '../authenticate/authenticator.ts';
import type { Authorizer } from '../authorize/authorizer.ts';
import type { Refusal } from '../refusal.ts';
import { type Proof, prove } from './prove.ts';
import { type AdmittedVisit, headerOf, type Visit } from './visit.ts';

/** The visit that was let in, or why it was not. */
export type Verdict = AdmittedVisit | Refusal;

/** The way of every request, upgrades too: is it clear, who asks, may they, is there room. */
export function decide(visit: Visit, signal: AbortSignal): Verdict | Promise<Verdict> {
  const verdict = judge(visit, signal);
  return verdict instanceof Promise ? verdict.then(admit) : admit(verdict);
}

/** Everything but the limits; asked again about connections that stay open. */
export function judge(visit: Visit, signal: AbortSignal): Verdict | Promise<Verdict> {
  const { request, policy } = visit;
  const checked = checkRequest(request, policy.check);
  if ('reason' in checked) return checked;
  visit.checked = checked;
  visit.address = policy.clientAddress(visit.peer, headerOf(request, 'x-forwarded-for'));
  const endpoint = policy.endpoints.get(checked.path);
  if (endpoint !== undefined) return endpoint.answer(inquire({ ...visit, checked }), signal);
  const found = policy.routes.find(checked.host, checked.path, checked.method);
  if (found.kind === 'none') return { status: 403, reason: 'no_route' };
  if (found.kind === 'method') {
    const headers = ['Allow', found.allowed.join(', ')];
    return { status: 405, reason: 'method_not_allowed', headers };
  }
  visit.route = found.route;
  const admitted: AdmittedVisit = Object.assign(visit, { checked, route: found.route });
  if (found.route.public) return meetsRules(admitted, signal);
  const slowed = policy.guesses.check(visit.address, request.headers.authorization);
  if (slowed !== undefined) return slowed;
  const proof = prove(found.route.authenticators, inquire(admitted), signal);
  if (proof instanceof Promise) return proof.then((late) => conclude(admitted, late, signal));
  return conclude(admitted, proof, signal);
}

function conclude(
  visit: AdmittedVisit,
  proof: Proof,
  signal: AbortSignal,
): Verdict | Promise<Verdict> {
  if ('refusal' in proof) {
    if (proof.refusal.reason === 'bad_credential') {
      visit.policy.guesses.refused(visit.address, visit.request.headers.authorization);
    }
    return proof.refusal;
  }
  visit.identity = proof.identity;
  return meetsRules(visit, signal);
}

function meetsRules(visit: AdmittedVisit, signal: AbortSignal): Verdict | Promise<Verdict> {
  const { route, identity, address } = visit;
  const refusal = route.judge?.(identity, address);
  if (refusal !== undefined) return withChallenge(refusal, visit);
  return route.authorizer === undefined ? visit : askAuthorizer(visit, route.authorizer, signal);
}

/** A token with too few scopes is answered which ones it takes (RFC 6750 section 3.1). */
function withChallenge(refusal: Refusal, { policy, identity }: AdmittedVisit): Refusal {
  const { reason, detail } = refusal;
  if (reason !== 'missing_scope' || identity === undefined) return refusal;
  const challenge = policy.scopeChallenge(identity.provider, detail ?? '');
  return challenge === undefined
    ? refusal
    : { ...refusal, headers: ['WWW-Authenticate', challenge] };
}

async function askAuthorizer(
  visit: AdmittedVisit,
  authorizer: Authorizer,
  signal: AbortSignal,
): Promise<Verdict> {
  const { checked, request, identity, address } = visit;
  const { method, path, host } = checked;
  const header = (name: string) => headerOf(request, name.toLowerCase());
  const petition = { method, path, host, header, remoteAddress: address, identity };
  const answer = await authorizer.ask(petition, signal);
  if (answer === 'allowed') return visit;
  return answer === 'denied'
    ? { status: 403, reason: 'denied_by_authorizer' }
    : { status: 503, reason: 'authorizer_undecided' };
}

function admit(verdict: Verdict): Verdict {
  if ('status' in verdict) return verdict;
  const { route, checked, identity, address } = verdict;
  const length = checked.body === 'chunked' ? 0 : Number(checked.body ?? 0);
  if (length > route.maxBody) return { status: 413, reason: 'body_too_large' };
  const admission = route.limits?.(identity, address);
  if (admission === undefined) return verdict;
  if ('status' in admission) return admission;
  verdict.answerFields = admission.fields;
  verdict.release = admission.release;
  return verdict;
}

type CheckedVisit = Pick<AdmittedVisit, 'request' | 'address' | 'checked' | 'policy'>;

/** What authenticators may look at. */
export function inquire({ request, address, checked, policy }: CheckedVisit): Inquiry {
  const { method, path, query, host } = checked;
  const shown = policy.clientCertificate(request.socket);
  return {
    method,
    path,
    query,
    host,
    remoteAddress: address,
    header: (name) => headerOf(request, name),
    clientCertificate: shown?.leaf,
    clientIntermediates: shown?.intermediates,
  };
}
