import type { Identity } from '../../identity.ts';

/** Reads what a header is to say of a caller: `subject`, `groups`, …, or a claim. */
export type IdentityReader = (identity: Identity, what: string) => unknown;

/**
 * Header lines that tell the app who is asking. A value goes out as it is when it is plain ASCII;
 * `%`, control characters and everything beyond ASCII are percent-encoded (UTF-8), and in lists the
 * comma too, so that no value can pass for two, or for the end of the line.
 */
export function writeIdentityFields(
  identity: Identity,
  fields: Readonly<Record<string, string>>,
  read: IdentityReader,
): string {
  let lines = '';
  for (const [name, what] of Object.entries(fields)) {
    const value = read(identity, what);
    if (value === undefined || value === null) continue;
    const text = Array.isArray(value)
      ? value.map((item) => encode(asText(item), /[^\x20-\x24\x26-\x2b\x2d-\x7e]/gu)).join(',')
      : encode(asText(value), /[^\x20-\x24\x26-\x7e]/gu);
    if (text !== '') lines += `${name}: ${text}\r\n`;
  }
  return lines;
}

function asText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function encode(text: string, unsafe: RegExp): string {
  return text
    .toWellFormed()
    .replace(unsafe, (sign) =>
      [...Buffer.from(sign, 'utf8')]
        .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
        .join(''),
    );
}
