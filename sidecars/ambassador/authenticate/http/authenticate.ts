import type { HttpRequest, HttpResponse } from '../../../core/http/client.ts';
import type { Identity } from '../../identity.ts';
import {
  type Authenticator,
  absent,
  type Finding,
  forbidden,
  type Inquiry,
  proved,
  rejected,
  undecided,
} from '../authenticator.ts';
import { bearerChallenges } from '../challenge.ts';
import { isCleanText } from '../claims.ts';
import type { ProviderContext } from '../provider.ts';
import { createCredentialCache } from '../remember/credential-cache.ts';
import type { Judgement } from '../remember/judgement-memory.ts';
import { createRemote } from '../remote.ts';
import type { HttpConfig } from './config.ts';

/** A service that is asked about every request: forward auth, as nginx and Traefik have it. */
export function createHttpAuthenticator(
  config: HttpConfig,
  context: ProviderContext,
): Authenticator {
  const remote = createRemote(config, context);
  const remembered = createCredentialCache({ ...config.cache, metrics: context.metrics });

  const judge = async (
    headers: Readonly<Record<string, string>>,
    shown: boolean,
  ): Promise<Judgement> => {
    const { url, method } = config;
    const request: Omit<HttpRequest, 'maxBytes'> = { url, method, headers };
    const answer = await remote.ask(request, (response) =>
      readAnswer(response, shown, config, context.name),
    );
    if (typeof answer === 'string') return { finding: undecided(answer) };
    return { finding: answer, definitive: true };
  };
  return {
    challenge: config.send.includes('authorization')
      ? bearerChallenges(context.name).ask
      : undefined,
    // What the service is shown is a credential only where it can be nothing else.
    credentialHeaders: config.send.filter((name) => name === 'authorization'),
    judgedHeaders: config.send.filter((name) => name !== 'authorization'),
    check: remote.check,
    stop: remote.stop,
    authenticate(inquiry) {
      const credentials = readHeaders(inquiry, config.send);
      const headers = { ...credentials, ...describe(inquiry) };
      const shown = Object.keys(credentials).length > 0;
      return remembered.look(JSON.stringify(headers), () => judge(headers, shown));
    },
  };
}

function readHeaders(inquiry: Inquiry, names: readonly string[]): Readonly<Record<string, string>> {
  const found = names.map((name) => [name, inquiry.header(name)] as const);
  return Object.fromEntries(
    found.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The request as the de facto names of forward auth have it; set last, so that no caller can. */
function describe({ method, path, host, remoteAddress }: Inquiry) {
  return {
    'x-forwarded-method': method,
    'x-forwarded-uri': path,
    'x-forwarded-host': host,
    'x-forwarded-for': remoteAddress,
  };
}

/** Undefined when the service may not answer so: redirects, 5xx, or a yes that names nobody cleanly. */
function readAnswer(
  response: HttpResponse,
  shown: boolean,
  config: HttpConfig,
  provider: string,
): Finding | undefined {
  const { status } = response;
  if (status === 401) return shown ? refuse(response) : absent;
  if (status === 403) return forbidden('refused');
  if (status < 200 || status > 299) return undefined;
  const identity = readIdentity(response, config, provider);
  return identity && proved(identity);
}

function refuse({ headers }: HttpResponse): Finding {
  const challenge = headers['www-authenticate'];
  const usable = typeof challenge === 'string' && isCleanText(challenge);
  return rejected('refused', usable ? challenge : undefined);
}

function readIdentity(
  { headers }: HttpResponse,
  { subject, groups, take }: HttpConfig,
  provider: string,
): Identity | undefined {
  const named = [subject, groups, ...take].map((name) => [name, headers[name]] as const);
  const given = named.filter(([, value]) => value !== undefined && value !== '');
  // Twice the same header: which of the two would the next reader take?
  if (!given.every(([, value]) => typeof value === 'string' && isCleanText(value))) {
    return undefined;
  }
  const values = new Map(given.map(([name, value]) => [name, String(value)]));
  const list = values.get(groups)?.split(',') ?? [];
  const claims = take.flatMap((name) => {
    const value = values.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.freeze({
    provider,
    subject: values.get(subject) ?? provider,
    groups: Object.freeze(list.map((group) => group.trim()).filter((group) => group !== '')),
    scopes: Object.freeze([]),
    claims: Object.freeze(Object.fromEntries(claims)),
    expiresAt: undefined,
  });
}
