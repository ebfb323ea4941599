import type { Refusal } from '../../refusal.ts';
import type { Finding, Inquiry } from '../authenticator.ts';
import { type Claims, hasRequired, isForAudience } from '../claims.ts';
import type { Judgement } from '../remember/judgement-memory.ts';
import type { Remote, RemoteFailure } from '../remote.ts';
import type { OidcConfig } from './config.ts';
import type { Issuer } from './issuer.ts';
import type { Login, Logins } from './login.ts';
import { describeError, readUserinfo, redeemCode } from './redeem.ts';
import type { SignIn } from './sign-in.ts';

export interface CallbackParts {
  readonly config: OidcConfig;
  readonly logins: Logins;
  readonly remote: Remote;
  issuer(): Issuer | undefined;
  judgeIdToken(text: string): Judgement | Promise<Judgement>;
  readonly signIn: SignIn;
}

/** Codes that are being redeemed at the same time; more are undecided. */
const maxPending = 64;

/** Receives a person who comes back from the issuer (OpenID Connect Core 1.0 section 3.1.2.5). */
export function createCallback(parts: CallbackParts): (inquiry: Inquiry) => Promise<Refusal> {
  const { config, logins, remote } = parts;
  let pending = 0;

  const complete = async (issuer: Issuer, login: Login, code: string): Promise<Refusal> => {
    const tokens = await redeemCode(remote, issuer, config, { code, verifier: login.verifier });
    if (typeof tokens === 'string') return undecided(tokens);
    if ('refused' in tokens) return bad(401, `code: ${tokens.refused}`);
    const { finding } = await parts.judgeIdToken(tokens.idToken);
    if (finding.kind !== 'proved') return describeFinding(finding);
    const { claims: proved } = finding.identity;
    const fault = findFault(proved, login, config);
    if (fault !== undefined) return bad(401, fault);
    const more = await addUserinfo(remote, issuer, proved, tokens.accessToken);
    if (typeof more === 'string') return undecided(more);
    // OpenID Connect Core 1.0 section 5.3.2: another subject is another person.
    if (more['sub'] !== undefined && more['sub'] !== proved['sub']) return bad(401, 'userinfo_sub');
    const claims = withoutUnverified({ ...more, ...proved });
    if (!hasRequired(claims, config.claims)) return bad(403, 'required_claim');
    return parts.signIn(claims, login.target);
  };
  return async (inquiry) => {
    const parameters = readParameters(inquiry.query);
    const login = logins.resume(parameters?.get('state') ?? '', inquiry);
    if (parameters === undefined || login === undefined) return bad(400, 'login_state');
    const error = parameters.get('error');
    if (error !== null) return bad(403, `issuer: ${describeError(error)}`);
    // RFC 9207: the answer of another issuer, passed off as this one's.
    if ((parameters.get('iss') ?? config.issuer) !== config.issuer) return bad(400, 'issuer');
    const issuer = parts.issuer();
    if (issuer === undefined) return undecided('no_metadata');
    if (pending >= maxPending) return undecided('busy');
    pending++;
    try {
      return await complete(issuer, login, parameters.get('code') ?? '');
    } finally {
      pending--;
    }
  };
}

/** Undefined when one comes twice: who knows which of them the next reader takes. */
function readParameters(query: string): URLSearchParams | undefined {
  const parameters = new URLSearchParams(query);
  const names = [...parameters.keys()];
  return new Set(names).size === names.length ? parameters : undefined;
}

async function addUserinfo(
  remote: Remote,
  { userinfoEndpoint }: Issuer,
  claims: Claims,
  accessToken: string,
): Promise<Claims | RemoteFailure> {
  if (userinfoEndpoint === undefined) return claims;
  return readUserinfo(remote, userinfoEndpoint, accessToken);
}

/** An address that the issuer has not verified may be anybody's, so it says nothing of who this is. */
function withoutUnverified(claims: Claims): Claims {
  if (claims['email_verified'] !== false) return claims;
  return Object.fromEntries(Object.entries(claims).filter(([name]) => name !== 'email'));
}

/** OpenID Connect Core 1.0 section 3.1.3.7, points 3 to 5 and 11. */
function findFault(
  { nonce, aud, azp }: Claims,
  login: Login,
  { clientId }: OidcConfig,
): string | undefined {
  if (nonce !== login.nonce) return 'nonce';
  if (azp !== undefined && azp !== clientId) return 'authorized_party';
  const alone = typeof aud === 'string' || (Array.isArray(aud) && aud.length === 1);
  if (!alone && azp === undefined) return 'authorized_party';
  return isForAudience(aud, [clientId]) ? undefined : 'audience';
}

function describeFinding(finding: Exclude<Finding, { readonly kind: 'proved' }>): Refusal {
  if (finding.kind === 'undecided') return undecided(finding.reason);
  return bad(401, `ID token: ${'reason' in finding ? finding.reason : 'none'}`);
}

function undecided(detail: string): Refusal {
  return { status: 503, reason: 'credential_undecided', detail };
}

function bad(status: 400 | 401 | 403, detail: string): Refusal {
  return { status, reason: 'bad_credential', detail };
}
