export interface BasicCredential {
  readonly user: string;
  readonly password: string;
}

/** What stands behind `Basic` (RFC 7617 section 2): base64 of UTF-8; undefined if it is not that. */
export function parseBasic(text: string): BasicCredential | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const pair = decode(text);
  const colon = pair?.indexOf(':') ?? -1;
  // Section 2: neither part holds control characters.
  if (pair === undefined || colon < 1 || /[\x00-\x1f\x7f]/.test(pair)) return undefined;
  return { user: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

function decode(text: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64'));
  } catch {
    return undefined;
  }
}
