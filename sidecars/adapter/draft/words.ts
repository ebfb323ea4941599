/**
 * Splits an identifier into lower-case words of the alphabet of metric names: `heapUsed`,
 * `HTTPRequests`, `in-msgs` and `http.requests` all come apart where a reader would part them.
 * Letters outside ASCII lose their accents, or stand as their code point: a name is never empty.
 */
export function splitWords(identifier: string): string[] {
  return toAscii(identifier)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

function toAscii(text: string): string {
  let ascii = '';
  for (const sign of text.slice(0, 200).normalize('NFKD')) {
    const code = sign.codePointAt(0) ?? 0;
    if (code < 128) ascii += sign;
    else if (!/\p{M}/u.test(sign)) ascii += ` u${code.toString(16)} `;
  }
  return ascii;
}

/** Words as a metric or label name; an underscore goes first where a digit would. */
export function joinWords(words: readonly string[]): string {
  const name = words.join('_').slice(0, 180);
  return /^[a-z]/.test(name) ? name : `_${name}`;
}

/** One of many: `queues` is a `queue`, `indices` an `index`, `status` stays. */
export function singular(word: string): string {
  if (Object.hasOwn(irregular, word)) return irregular[word] ?? word;
  if (word.length < 4 || /(ss|us|is)$/.test(word)) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(x|ch|sh|ss|z)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith('s') ? word.slice(0, -1) : word;
}

const irregular: Readonly<Record<string, string>> = {
  indices: 'index',
  vertices: 'vertex',
  shelves: 'shelf',
  leaves: 'leaf',
  processes: 'process',
  caches: 'cache',
  statuses: 'status',
  addresses: 'address',
  buses: 'bus',
  children: 'child',
  people: 'person',
  series: 'series',
  data: 'data',
};

/** Many of one, for counts: `user_count` is better called `users`. */
export function plural(word: string): string {
  if (singular(word) !== word || word.endsWith('s')) return word;
  if (/(x|ch|sh|z)$/.test(word)) return `${word}es`;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}

/** Whether a word names many things, so that an object of this name holds one entry for each. */
export function isPlural(word: string): boolean {
  return singular(word) !== word;
}
