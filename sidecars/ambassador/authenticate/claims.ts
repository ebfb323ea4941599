import { readClaim } from '../claims.ts';
import type { Identity } from '../identity.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** Which claims say who it is. */
export interface ClaimNames {
  readonly subject: string;
  readonly groups: string;
  readonly scopes: string;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export interface IdentityOptions {
  readonly provider: string;
  readonly claims: Claims;
  readonly names: ClaimNames;
  readonly expiresAt: number | undefined;
}

/**
 * An identity from claims, or undefined when they say something that no honest issuer says: then
 * there is no telling what rules and applications would make of it.
 */
export function readIdentity(options: IdentityOptions): Identity | undefined {
  const { provider, claims, names, expiresAt } = options;
  const subject = readClaim(claims, names.subject);
  const groups = readList(readClaim(claims, names.groups), (text) => [text]);
  const scopes = readList(readClaim(claims, names.scopes), (text) => text.split(' '));
  if (typeof subject !== 'string' || !isCleanText(subject)) return undefined;
  if (groups === undefined || scopes === undefined) return undefined;
  if (!isWellFormedEmail(claims['email'])) return undefined;
  return Object.freeze({
    provider,
    subject,
    groups: Object.freeze(groups),
    scopes: Object.freeze(scopes),
    claims: Object.freeze(claims),
    expiresAt,
  });
}

/** Not empty and without control characters, which would end a header or a log line early. */
export function isCleanText(text: string): boolean {
  return text !== '' && !/[\x00-\x1f\x7f\u0085\u2028\u2029]/.test(text) && text.isWellFormed();
}

function readList(value: unknown, split: (text: string) => string[]): string[] | undefined {
  if (value === undefined || value === null) return [];
  const list = typeof value === 'string' ? split(value).filter((text) => text !== '') : value;
  if (!Array.isArray(list)) return undefined;
  const texts = list.filter((item) => typeof item === 'string' && isCleanText(item));
  return texts.length === list.length ? texts : undefined;
}

/** `a@x@corp` is read as `corp` by one program and as `x` by the next (GHSA-c5c4-8r6x-56w3). */
function isWellFormedEmail(email: unknown): boolean {
  if (email === undefined || email === null || email === '') return true;
  return typeof email === 'string' && isCleanText(email) && /^[^@\s]+@[^@\s]+$/.test(email);
}

export type RequiredClaims = Readonly<
  Record<string, string | number | boolean | readonly (string | number | boolean)[]>
>;

/** Whether every required claim has the value, or one of the values, that it must have. */
export function hasRequired(claims: Claims, required: RequiredClaims): boolean {
  return Object.entries(required).every(([name, wanted]) => {
    const value = readClaim(claims, name);
    const allowed: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
    return allowed.includes(value);
  });
}

/** Whether `aud` (a text or a list of them, RFC 7519 section 4.1.3) holds one of the accepted. */
export function isForAudience(audience: unknown, accepted: readonly string[]): boolean {
  const named: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  return named.some((name) => typeof name === 'string' && accepted.includes(name));
}

/** NumericDate; one that overflows when it becomes milliseconds is not a time. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value * 1000);
}
