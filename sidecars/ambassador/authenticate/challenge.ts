/** One challenge of `WWW-Authenticate` (RFC 9110 section 11.6.1); every value is quoted. */
export function challenge(scheme: string, parameters: Readonly<Record<string, string>>): string {
  const list = Object.entries(parameters).map(([name, value]) => `${name}="${quote(value)}"`);
  return `${scheme} ${list.join(', ')}`;
}

function quote(value: string): string {
  return value.replace(/[^\t\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
}

/** What a bearer token is asked for with, and answered with when it is not good (RFC 6750 section 3). */
export interface BearerChallenges {
  readonly ask: string;
  readonly invalid: string;
  readonly expired: string;
  /** The token is good, and not for this much. */
  insufficient(scope: string): string;
}

export function bearerChallenges(realm: string): BearerChallenges {
  const invalid = (description: string) =>
    challenge('Bearer', { realm, error: 'invalid_token', error_description: description });
  return {
    ask: challenge('Bearer', { realm }),
    invalid: invalid('the access token is not valid'),
    expired: invalid('the access token expired'),
    insufficient: (scope) => challenge('Bearer', { realm, error: 'insufficient_scope', scope }),
  };
}
