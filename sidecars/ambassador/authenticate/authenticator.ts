import type { Identity } from '../identity.ts';

/** What an authenticator may look at: the head of a request, never its body. */
export interface Inquiry {
  readonly method: string;
  /** The path that was judged, byte for byte the one that is forwarded; without the query. */
  readonly path: string;
  readonly host: string;
  /** One value of a header by its lower-case name; undefined if absent. Repeated credentials never get here. */
  header(name: string): string | undefined;
  /** The caller's address by the trusted-proxy rules. */
  readonly remoteAddress: string;
  /** The verified client certificate in DER, if the caller showed one. */
  readonly clientCertificate: Uint8Array | undefined;
}

/** What came of looking at a request's credential. */
export type Finding =
  /** The request carries no credential of this kind: the next authenticator is asked. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'proved'; readonly identity: Identity }
  /** There is one and it is not good: 401. The reason is from a closed set, for metrics and the log. */
  | { readonly kind: 'rejected'; readonly reason: string }
  /** It could not be decided, a dependency failed: 503, never open. */
  | { readonly kind: 'undecided'; readonly reason: string };

/** Finds out who is asking, by one kind of credential. */
export interface Authenticator {
  /** The value of `WWW-Authenticate` that asks for this credential (RFC 9110 section 11.6.1). */
  readonly challenge: string | undefined;
  /** Lower-case names of the headers that carry the credential: not forwarded unless configured so. */
  readonly credentialHeaders: readonly string[];
  /** Answers at once where it can (a cached token), so that the hit path makes no promise. */
  authenticate(inquiry: Inquiry, signal: AbortSignal): Finding | Promise<Finding>;
  /** Fetches keys and the like; the ambassador is ready when every one has resolved. */
  start?(): Promise<void>;
  stop?(): Promise<void>;
  /** Ready to decide? A message says why not. */
  check?(): { readonly ok: boolean; readonly message?: string };
}
