const pair = /([^\s="]+)(?:=("(?:[^"\\]|\\.)*"|[^\s"]*))?\s*/y;

/**
 * `key=value key="quoted value" flag`, as of kr/logfmt: a key without a value is true.
 * @returns undefined for text that has no `key=value`, or that has something else in it
 */
export function parseLogfmt(text: string): Record<string, unknown> | undefined {
  const fields: Record<string, unknown> = {};
  let at = text.length - text.trimStart().length;
  let pairs = 0;
  while (at < text.length) {
    pair.lastIndex = at;
    const match = pair.exec(text);
    if (match === null) return undefined;
    const [whole, key = '', value] = match;
    fields[key] = value === undefined ? true : unquote(value);
    if (value !== undefined) pairs += 1;
    at += whole.length;
  }
  return pairs === 0 ? undefined : fields;
}

/** Cheap enough to ask of every line whose format is not known. */
export function looksLikeLogfmt(text: string): boolean {
  return /^[\w.@/-]+=(?:"|\S).*\s[\w.@/-]+=/.test(text.slice(0, 512));
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value.slice(1, -1); // an escape that JSON does not have
  }
}
