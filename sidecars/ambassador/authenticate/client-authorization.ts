import type { Secret } from '../../core/config/secret.ts';

/**
 * The value of `Authorization` by which a client proves itself to its authorization server: both parts
 * are form-encoded before they are joined (RFC 6749 section 2.3.1 and appendix B).
 *
 * @throws PodmatesError ERR_SECRET
 */
export function clientAuthorization(clientId: string, clientSecret: Secret): string {
  const pair = [clientId, clientSecret.read()].map(formEncode).join(':');
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
