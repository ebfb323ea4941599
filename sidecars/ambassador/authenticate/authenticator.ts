import type { Identity } from '../identity.ts';
import type { Refusal } from '../refusal.ts';

/** What an authenticator may look at: the head of a request, never its body. */
export interface Inquiry {
  readonly method: string;
  /** The path that was judged, byte for byte the one that is forwarded; without the query. */
  readonly path: string;
  /** With its `?`; empty if there is none. No part of a decision, but of the way back from a login. */
  readonly query: string;
  readonly host: string;
  /** One value of a header by its lower-case name; undefined if absent. Repeated credentials never get here. */
  header(name: string): string | undefined;
  /** The caller's address by the trusted-proxy rules. */
  readonly remoteAddress: string;
  /**
   * The certificate, in DER, whose key the caller proved to hold in the TLS handshake. Whether its
   * issuer is trusted is the authenticator's to judge, for each may trust another authority.
   */
  readonly clientCertificate: Uint8Array | undefined;
  /** The other certificates that the caller sent, in DER: intermediate authorities. */
  readonly clientIntermediates?: readonly Uint8Array[] | undefined;
}

/** What came of looking at a request's credential. The first `proved` of a route's list is taken. */
export type Finding =
  /** The request carries no credential of this kind. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'proved'; readonly identity: Identity }
  /**
   * There is one and it is not good here; it may be another issuer's, so the next authenticator is
   * still asked: 401 when none proves it.
   */
  | {
      readonly kind: 'rejected';
      /** From a closed set, for metrics and the log. */
      readonly reason: string;
      /** In place of the authenticator's own challenge, to say what was wrong (RFC 6750 section 3.1). */
      readonly challenge?: string | undefined;
    }
  /** Who is asking is known, and this very request is not for them: 403, and nobody else is asked. */
  | { readonly kind: 'forbidden'; readonly reason: string }
  /** It could not be decided, a dependency failed: 503 when no other one proves it, never open. */
  | { readonly kind: 'undecided'; readonly reason: string };

/** Finds out who is asking, by one kind of credential. */
export interface Authenticator {
  /** The value of `WWW-Authenticate` that asks for this credential (RFC 9110 section 11.6.1). */
  readonly challenge: string | undefined;
  /** Tells a caller whom it proved which scopes the credential lacks (RFC 6750 section 3.1). */
  scopeChallenge?(scope: string): string;
  /** Lower-case names of the headers that carry the credential: not forwarded unless configured so. */
  readonly credentialHeaders: readonly string[];
  /**
   * Lower-case names of other headers that a judgement rests on and that the app sees too: it must
   * see what was judged, so they may come once only, so spelled, and not as fields of one hop.
   */
  readonly judgedHeaders?: readonly string[];
  /** Names of cookies that are for the ambassador alone: never forwarded. */
  readonly credentialCookies?: readonly string[];
  /** Paths that it answers by itself, whatever the routes say. */
  readonly endpoints?: readonly Endpoint[];
  /** Sends a person who has proved nothing to where they can; undefined when no person is asking. */
  invite?(inquiry: Inquiry): Refusal | undefined;
  /** Answers at once where it can (a cached token), so that the hit path makes no promise. */
  authenticate(inquiry: Inquiry, signal: AbortSignal): Finding | Promise<Finding>;
  /**
   * Fetches keys and the like. Resolves after the first try, good or not (`check` tells); rejects
   * only when it can never work, as with a key file that is wrong.
   */
  start?(): Promise<void>;
  stop?(): Promise<void>;
  /** Ready to decide? A message says why not. */
  check?(): { readonly ok: boolean; readonly message?: string };
}

/** A path of the ambassador's own, such as the one that an issuer sends people back to. */
export interface Endpoint {
  readonly path: string;
  answer(inquiry: Inquiry, signal: AbortSignal): Refusal | Promise<Refusal>;
}

export const absent: Finding = { kind: 'absent' };

export function proved(identity: Identity): Finding {
  return { kind: 'proved', identity };
}

export function rejected(reason: string, challenge?: string): Finding {
  return challenge === undefined
    ? { kind: 'rejected', reason }
    : { kind: 'rejected', reason, challenge };
}

export function forbidden(reason: string): Finding {
  return { kind: 'forbidden', reason };
}

export function undecided(reason: string): Finding {
  return { kind: 'undecided', reason };
}
