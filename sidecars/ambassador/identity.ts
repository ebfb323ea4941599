/** Who is asking, as one authenticator proved it. Frozen: shared by every request with that credential. */
export interface Identity {
  /** The key under `auth:` that proved it. */
  readonly provider: string;
  /** `sub` of a token, the name of a key or user, the name in a certificate. */
  readonly subject: string;
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
  /** Everything else that is known, for rules on claims and for identity headers. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** When the credential ends, in milliseconds since the epoch; undefined if it does not. */
  readonly expiresAt: number | undefined;
}
