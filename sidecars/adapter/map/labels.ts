import type { LabelText } from '../sample.ts';

const plainName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const special = /["\\\n]/;

/** `name=` as it stands before a value; a name outside of the classic alphabet is quoted. */
export function labelHead(name: string): string {
  return plainName.test(name) ? `${name}=` : `"${escapeText(name)}"=`;
}

/** The order of labels in a text: by name, those in quotes first, so that a look at the start tells. */
export function byLabelName(a: string, b: string): number {
  return labelHead(a) < labelHead(b) ? -1 : 1;
}

/** The value of a label in quotes. Lone surrogates, which UTF-8 has none of, become U+FFFD. */
export function quoteLabel(value: string): string {
  return `"${escapeText(value.isWellFormed() ? value : value.toWellFormed())}"`;
}

function escapeText(text: string): string {
  if (!special.test(text)) return text;
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Labels by name as the text that points carry: sorted by name, the empty ones left out. */
export function toLabelText(labels: Readonly<Record<string, string>>): LabelText {
  return Object.keys(labels)
    .sort(byLabelName)
    .filter((name) => labels[name] !== '')
    .map((name) => labelHead(name) + quoteLabel(labels[name] ?? ''))
    .join(',');
}

/**
 * What a label says for a value of a document: numbers without exponent, so that an id stays an id.
 * Empty when there is nothing to say; undefined for objects and arrays.
 */
export function labelValue(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return plainNumber(value);
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      return value === null || value === undefined ? '' : undefined;
  }
}

function plainNumber(value: number): string {
  const text = String(value);
  const [mantissa = '', exponent] = text.split('e');
  if (exponent === undefined) return text;
  if (Number(exponent) > 0) return BigInt(value).toString();
  const sign = mantissa.startsWith('-') ? '-' : '';
  const zeros = '0'.repeat(-Number(exponent) - 1);
  return `${sign}0.${zeros}${mantissa.replace(/[-.]/g, '')}`;
}
