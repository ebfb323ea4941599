import type { LabelText } from '../sample.ts';

/** How names outside of the classic alphabet are written, as content negotiation knows it. */
export const escapings = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;
export type Escaping = (typeof escapings)[number];

const plainMetric = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const plainLabel = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export function isPlainMetric(name: string): boolean {
  return plainMetric.test(name);
}

/** A name outside of the classic alphabet, or the state of a stateset, as it stands on a page. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** A metric's name by the scheme that the scraper asked for; `allow-utf-8` keeps it. */
export function escapeMetric(name: string, escaping: Escaping): string {
  return escapeName(name, escaping, plainMetric, /[a-zA-Z0-9_:]/);
}

/** Writes a label's name by the scheme. */
function escapeLabel(name: string, escaping: Escaping): string {
  return escapeName(name, escaping, plainLabel, /[a-zA-Z0-9_]/);
}

/** The schemes of Prometheus' `common/model/metric.go`, which has to undo them. */
function escapeName(name: string, escaping: Escaping, plain: RegExp, letter: RegExp): string {
  if (escaping === 'allow-utf-8' || (escaping !== 'dots' && plain.test(name))) return name;
  let text = escaping === 'values' ? 'U__' : '';
  let first = true;
  for (const char of name) {
    const fits = letter.test(char) && !(first && /[0-9]/.test(char));
    first = false;
    if (escaping === 'underscores') text += fits ? char : '_';
    else if (char === '_') text += '__';
    else if (escaping === 'dots') text += char === '.' ? '_dot_' : fits ? char : '__';
    else text += fits ? char : `_${(char.codePointAt(0) ?? 0).toString(16)}_`;
  }
  return text;
}

/** Whether one of them has names that the scheme writes in another way. */
export function needEscape(labels: readonly LabelText[], escaping: Escaping): boolean {
  if (escaping === 'allow-utf-8') return false;
  if (escaping === 'dots') return true;
  return labels.some((text) => text.charCodeAt(0) === 34); // names in quotes stand in front
}

const labelPattern = /(?:"((?:[^"\\]|\\.)*)"|([^"=,]+))=("(?:[^"\\]|\\.)*")/gs;

/** Writes the names of a text by the scheme. Two names may become one: the first keeps it. */
export function escapeLabels(labels: LabelText, escaping: Escaping): LabelText {
  const seen = new Map<string, string>();
  for (const [, quoted, plain, value = '""'] of labels.matchAll(labelPattern)) {
    const name =
      quoted?.replace(/\\(.)/gs, (_, char) => (char === 'n' ? '\n' : char)) ?? plain ?? '';
    const escaped = escapeLabel(name, escaping);
    if (!seen.has(escaped)) seen.set(escaped, value);
  }
  return [...seen]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}
