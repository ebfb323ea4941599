/** A `Cookie` value without the cookies of these names (RFC 6265 section 4.2.1). */
export function withoutCookies(value: string, names: ReadonlySet<string>): string {
  return value
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '' && !names.has(nameOf(pair)))
    .join('; ');
}

function nameOf(pair: string): string {
  const end = pair.indexOf('=');
  return (end < 0 ? pair : pair.slice(0, end)).trim();
}
