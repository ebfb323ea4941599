/** Matches the labels of a DNS name from the right; `*` is exactly one label. */
export function matchesDns(name: string, pattern: string): boolean {
  const labels = name.split('.');
  const wanted = pattern.toLowerCase().split('.');
  return (
    labels.length === wanted.length &&
    wanted.every((label, index) => (label === '*' ? labels[index] !== '' : label === labels[index]))
  );
}

/** Matches a SPIFFE ID segment by segment; `*` is one segment, a last `**` one or more. */
export function matchesSpiffe(id: string, pattern: string): boolean {
  const segments = id.split('/');
  const wanted = pattern.split('/');
  const open = wanted.at(-1) === '**';
  const fixed = open ? wanted.slice(0, -1) : wanted;
  if (open ? segments.length < wanted.length : segments.length !== wanted.length) return false;
  return fixed.every((part, index) => part === '*' || part === segments[index]);
}

/** Matches a mail address; `*@example.org` is everybody there. The domain is read without case. */
export function matchesEmail(address: string, pattern: string): boolean {
  const [local = '', domain = '', more] = address.split('@');
  const [wantedLocal = '', wantedDomain = ''] = pattern.split('@');
  if (more !== undefined || local === '') return false;
  return (
    domain.toLowerCase() === wantedDomain.toLowerCase() &&
    (wantedLocal === '*' || wantedLocal === local)
  );
}

/** A SPIFFE ID as its standard (SPIFFE-ID section 2) has it: no empty, `.` or `..` segment. */
export function isSpiffeId(uri: string): boolean {
  const path = /^spiffe:\/\/[a-z0-9._-]{1,255}((?:\/[A-Za-z0-9._-]+)+)$/.exec(uri)?.[1];
  return path !== undefined && !path.split('/').some((part) => part === '.' || part === '..');
}
