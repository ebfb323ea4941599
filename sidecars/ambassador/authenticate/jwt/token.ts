import { isRecord } from '../claims.ts';

/** A JWS in its compact form (RFC 7515 section 3.1), taken apart but not yet believed. */
export interface Token {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What was signed. */
  readonly input: string;
  readonly signature: Buffer;
}

const compactPattern = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/** Takes a token apart; undefined if it is not made as one. */
export function parseToken(text: string): Token | undefined {
  const [, head, body, seal] = compactPattern.exec(text) ?? [];
  if (head === undefined || body === undefined || seal === undefined) return undefined;
  const signature = Buffer.from(seal, 'base64url');
  // The unused bits of the last character must be zero, or one signature has several spellings.
  if (signature.toString('base64url') !== seal) return undefined;
  const header = parsePart(head);
  const claims = parsePart(body);
  if (header === undefined || claims === undefined) return undefined;
  return { header, claims, input: text.slice(0, head.length + 1 + body.length), signature };
}

function parsePart(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const bytes = Buffer.from(part, 'base64url');
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
