import type { Duplex } from 'node:stream';
import { createAddressMatcher } from '../../core/address.ts';
import { createFieldNames } from '../../core/field-names.ts';
import { createClientAddress } from '../accept/client-address.ts';
import { type ClientCertificate, createClientCertificates } from '../accept/client-certificate.ts';
import type { CheckOptions } from '../accept/request-check.ts';
import type { Authenticator, Endpoint } from '../authenticate/authenticator.ts';
import type { Authorizer } from '../authorize/authorizer.ts';
import { nameOf, type RouteConfig } from '../authorize/config.ts';
import { createGuesses, type Guesses } from '../authorize/guesses.ts';
import { createLimits, type Limits } from '../authorize/limits.ts';
import { createJudge, type Judge } from '../authorize/requirement.ts';
import { createRouteTable, type Findable, type RouteTable } from '../authorize/route-table.ts';
import { readClaim } from '../claims.ts';
import type { AmbassadorConfig } from '../config.ts';
import { createFieldRules, type FieldRules } from '../forward/fields/field-rules.ts';
import { writeIdentityFields } from '../forward/fields/identity-fields.ts';
import type { Upstream } from '../forward/upstream.ts';
import type { Identity } from '../identity.ts';

/** A route, ready to be judged by. */
export interface Route extends Findable {
  readonly name: string;
  readonly public: boolean;
  readonly authenticators: readonly Authenticator[];
  readonly judge: Judge | undefined;
  readonly authorizer: Authorizer | undefined;
  readonly limits: Limits | undefined;
  readonly maxBody: number;
  readonly websocket: RouteConfig['websocket'];
  readonly upstream: Upstream;
}

/** Everything that a config says about requests, made ready once; a reload swaps it whole. */
export interface Policy {
  readonly check: CheckOptions;
  readonly routes: RouteTable<Route>;
  /** Paths that authenticators answer themselves. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly fieldRules: FieldRules;
  /** Cookies that the app is not to see. */
  readonly ownCookies: ReadonlySet<string>;
  readonly guesses: Guesses;
  readonly bodyIdleMs: number;
  /** The certificate that a caller showed in the TLS handshake. */
  clientCertificate(socket: Duplex): ClientCertificate | undefined;
  clientAddress(peer: string, forwardedFor: string | undefined): string;
  /** Whether what this peer says of the hop before it is believed. */
  trusts(peer: string): boolean;
  /** The value of `WWW-Authenticate` for a caller whose credential lacks scopes. */
  scopeChallenge(provider: string, scope: string): string | undefined;
  /** Header lines that tell the app who is asking. */
  identityFields(identity: Identity): string;
}

export interface PolicyParts {
  readonly authenticators: ReadonlyMap<string, Authenticator>;
  readonly authorizers: ReadonlyMap<string, Authorizer>;
  upstream(name: string | undefined): Upstream;
}

export function createPolicy(config: AmbassadorConfig, parts: PolicyParts): Policy {
  const { authenticators } = parts;
  const all = [...authenticators.values()];
  const credentialHeaders = all.flatMap((one) => one.credentialHeaders);
  const judgedHeaders = all.flatMap((one) => one.judgedHeaders ?? []);
  const ownCookies = new Set(all.flatMap((one) => one.credentialCookies ?? []));
  const endpoints = all.flatMap((one) => one.endpoints ?? []);
  const identityHeaders = Object.keys(config.identity.headers);
  const routes = config.routes.map((route) => compileRoute(route, config, parts));
  const kept = config.identity.forwardCredential ? [] : credentialHeaders;
  const lines = new WeakMap<Identity, string>();
  return {
    check: {
      ...config.paths,
      maxHeaders: config.limits.headers,
      maxHead: config.limits.head,
      singular: createFieldNames([
        ...['host', 'authorization', 'content-length'],
        ...credentialHeaders,
        ...judgedHeaders,
      ]),
      judged: new Set(judgedHeaders),
    },
    routes: createRouteTable(routes, config.paths),
    endpoints: new Map(endpoints.map((endpoint) => [endpoint.path, endpoint])),
    fieldRules: createFieldRules([...identityHeaders, ...kept], judgedHeaders, ownCookies.size > 0),
    ownCookies,
    guesses: createGuesses(config.limits.authFailures),
    bodyIdleMs: config.limits.bodyIdle,
    clientCertificate: createClientCertificates(),
    clientAddress: createClientAddress(config.trustedProxies),
    trusts: createAddressMatcher(config.trustedProxies),
    scopeChallenge: (provider, scope) => authenticators.get(provider)?.scopeChallenge?.(scope),
    identityFields(identity) {
      const known = lines.get(identity);
      if (known !== undefined) return known;
      const made = writeIdentityFields(identity, config.identity.headers, readOf);
      lines.set(identity, made);
      return made;
    },
  };
}

function compileRoute(
  route: RouteConfig,
  config: AmbassadorConfig,
  { authenticators, authorizers, upstream }: PolicyParts,
): Route {
  const named = route.auth ?? [...authenticators.keys()];
  return {
    name: nameOf(route),
    path: route.path,
    host: route.host,
    methods: route.methods,
    public: route.public,
    authenticators: named.flatMap((name) => authenticators.get(name) ?? []),
    judge: createJudge(route.require),
    authorizer: authorizers.get(route.require?.authorizer ?? ''),
    limits: createLimits(route.limits),
    maxBody: route.limits?.body ?? config.limits.body,
    websocket: route.websocket,
    upstream: upstream(route.upstream),
  };
}

function readOf(identity: Identity, what: string): unknown {
  switch (what) {
    case 'subject':
    case 'sub':
      return identity.subject;
    case 'groups':
      return identity.groups;
    case 'scopes':
      return identity.scopes;
    case 'provider':
      return identity.provider;
    default:
      return readClaim(identity.claims, what);
  }
}
