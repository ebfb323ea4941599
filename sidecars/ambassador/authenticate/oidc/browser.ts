import type { Inquiry } from '../authenticator.ts';

/**
 * Whether a person is opening a page, so that a redirect to a login leads somewhere: for a script's
 * request, a picture or a WebSocket it would not (Fetch Metadata Request Headers).
 */
export function isOpeningPage(inquiry: Inquiry): boolean {
  if (inquiry.method !== 'GET' || inquiry.header('authorization') !== undefined) return false;
  if (inquiry.header('upgrade') !== undefined) return false;
  const mode = inquiry.header('sec-fetch-mode');
  if (mode !== undefined) return mode === 'navigate';
  return (inquiry.header('accept') ?? '').includes('text/html');
}

/** Methods that change nothing (RFC 9110 section 9.2.1). */
export function isSafe(method: string): boolean {
  return ['GET', 'HEAD', 'OPTIONS'].includes(method);
}

/**
 * Whether a request comes from a page of our own, or from the person directly: a browser sends its
 * cookies along whoever makes it ask. Who says nothing of this is no browser.
 */
export function isSameOrigin(inquiry: Inquiry, origin: string): boolean {
  const asked = inquiry.header('origin');
  const site = inquiry.header('sec-fetch-site');
  if (asked !== undefined) return asked === origin;
  return site === undefined || site === 'same-origin' || site === 'none';
}
