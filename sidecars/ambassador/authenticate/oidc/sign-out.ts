import type { Refusal } from '../../refusal.ts';
import type { Inquiry } from '../authenticator.ts';
import { isSameOrigin } from './browser.ts';
import type { OidcConfig } from './config.ts';
import type { Cookie } from './cookie.ts';
import type { Issuer } from './issuer.ts';

/** Ends the session here, and leads to where the issuer's own ends. */
export function createSignOut(
  { clientId, redirectUrl }: OidcConfig,
  issuer: () => Issuer | undefined,
  cookie: Cookie,
): (inquiry: Inquiry) => Refusal {
  const { origin } = new URL(redirectUrl);
  const leaveFor = (endSessionEndpoint: string): string => {
    const url = new URL(endSessionEndpoint);
    url.searchParams.set('client_id', clientId);
    url.searchParams.set('post_logout_redirect_uri', `${origin}/`);
    return url.href;
  };
  return (inquiry) => {
    // Another site must not be able to sign people out by a picture or a link.
    if (!isSameOrigin(inquiry, origin)) return { status: 403, reason: 'origin_not_allowed' };
    const end = issuer()?.endSessionEndpoint;
    const next = end === undefined ? `${origin}/` : leaveFor(end);
    const headers = ['Location', next, 'Set-Cookie', cookie.write('', 0)];
    return { status: 303, reason: 'signed_out', headers };
  };
}
