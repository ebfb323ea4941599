/** A URL as errors and logs may name it: without its query, in which secrets travel, or credentials. */
export function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
