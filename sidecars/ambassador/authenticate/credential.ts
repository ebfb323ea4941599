import type { Inquiry } from './authenticator.ts';

/** Longer ones are not looked at; bytes, for a header is read as Latin-1. */
export const maxCredentialLength = 16_384;

/**
 * The credential behind a scheme in a header, as in `Authorization: Bearer CREDENTIAL`; the scheme
 * is compared without regard to case (RFC 9110 section 11.1). Undefined if the header is not there
 * or has another scheme.
 */
export function readScheme(inquiry: Inquiry, header: string, scheme: string): string | undefined {
  const value = inquiry.header(header);
  if (value === undefined || value.charCodeAt(scheme.length) !== 32) return undefined;
  if (value.slice(0, scheme.length).toLowerCase() !== scheme.toLowerCase()) return undefined;
  return value.slice(scheme.length + 1).trimStart();
}

/** A token in a header: behind `Bearer` in Authorization (RFC 6750 section 2.1), else as it is. */
export function readToken(inquiry: Inquiry, header: string): string | undefined {
  if (header === 'authorization') return readScheme(inquiry, header, 'Bearer');
  const value = inquiry.header(header);
  return value === '' ? undefined : value;
}
