import type { KeyFacts, RowFacts, Shape } from './shape.ts';
import { isPlural, singular } from './words.ts';

/** More names than this under one object are rows of a table, whatever they are called. */
const maxNames = 200;

const wholeId =
  /^([0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{12,}|\d+|(\d{1,3}\.){3}\d{1,3}(:\d+)?|[0-9a-f]*(:[0-9a-f]*){3,}|[\w.-]+:\d+)$/i;
const oddName = /[/:@ <>|#]|^(GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|TRACE|CONNECT)$/;
const mostlyId = /^(?=.*\d.*\d.*\d)(?=.*[a-z])[\w-]{8,}$/i;

/** Words in the plural that are no list of things with names of their own. */
const groups = new Set(
  `stats statistics metrics settings options details totals resources params limits counters gauges
  timers histograms meters values bytes series memstats features times flags units basics props
  properties apps_stats ops`.split(/\s+/),
);

/** Whether the keys of an object are data (a label) and not names (metrics of their own). */
export function isMap(words: readonly string[], shape: Shape): boolean {
  const entries = [...(shape.fields ?? [])];
  if (entries.length === 0) return false;
  const shapes = entries.map(([, field]) => field);
  const share = (pattern: RegExp) =>
    entries.filter(([key]) => pattern.test(key)).length / entries.length;
  const last = words.at(-1) ?? '';
  const typed = shapes.filter(isTypedLeaf).length;
  if (typed > 0) return typed === shapes.length && share(wholeId) > 0.6;
  const ids = share(wholeId) > 0.6 || (share(mostlyId) > 0.6 && shapes.every(isObject));
  if (shapes.every(isNumeric)) {
    const codes = isPlural(last) && entries.length > 2 && share(/^[A-Z][A-Z0-9_]*$/) > 0.6;
    return (
      ids || codes || share(oddName) > 0.6 || words.at(-2) === 'by' || entries.length > maxNames
    );
  }
  if (!shapes.every(isObject)) return false;
  if (ids || entries.length > maxNames) return true;
  if (groups.has(last)) return false;
  if (share(/[./:@ ]/) > 0.6) return true;
  const { likeness, shared } = compare(shapes);
  if (isPlural(last) || words.at(-2) === 'by') return likeness >= 0.5 && shared >= 1;
  return entries.length >= 4 && likeness >= 0.9 && shared >= 2;
}

/** `{type: "counter", value: 1}`, as some programs write every number. */
export function isTypedLeaf({ fields }: Shape): boolean {
  const type = fields?.get('type')?.texts?.examples;
  const value = fields?.get('value');
  if (type === undefined || value === undefined) return false;
  return [...type].every((text) => text === 'counter' || text === 'gauge') && isNumeric(value);
}

function isObject({ fields, numbers, texts, rows }: Shape): boolean {
  return fields !== undefined && numbers === undefined && texts === undefined && rows === undefined;
}

function isNumeric({ fields, numbers, texts, rows, booleans }: Shape): boolean {
  const other = fields !== undefined || texts !== undefined || rows !== undefined || booleans > 0;
  return numbers !== undefined && !other;
}

/** How alike objects are: the mean share of all their fields that each has, and what all have. */
function compare(shapes: readonly Shape[]): { likeness: number; shared: number } {
  const counts = new Map<string, number>();
  for (const { fields } of shapes) {
    for (const key of fields?.keys() ?? []) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  if (counts.size === 0) return { likeness: 0, shared: 0 };
  const present = [...counts.values()];
  const sum = present.reduce((total, count) => total + count / shapes.length, 0);
  return {
    likeness: sum / counts.size,
    shared: present.filter((count) => count === shapes.length).length,
  };
}

/** The label that the keys of a map become. */
export function mapLabel(words: readonly string[], keys: readonly string[]): string {
  const all = (pattern: RegExp) => keys.length > 0 && keys.every((key) => pattern.test(key));
  if (all(/^[1-5]\d\d$/) || all(/^[1-5]xx$/)) return 'code';
  if (all(/^[A-Z]{3,7}$/) && keys.some((key) => oddName.test(key))) return 'method';
  const last = words.at(-1);
  if (last === undefined) return 'key';
  if (words.at(-2) === 'by' || isPlural(last)) return singular(last);
  return all(/^\//) ? 'path' : last;
}

const keyNames =
  'name id key uuid queue topic host hostname address addr url uri path endpoint route node server pool stream label title code method ip noun'.split(
    ' ',
  );
const numericKeys = /(^|_)(c?id|pid|port|index|number|shard|slot|code|status)$/i;

export interface RowKey {
  readonly field: string;
  /** Whether this field alone tells the rows apart. */
  readonly unique: boolean;
  /** Whether some rows do without it. */
  readonly partial: boolean;
}

/** The field that tells the rows of a list apart, if there is one. */
export function rowKey({ keys }: Pick<RowFacts, 'keys'>): RowKey | undefined {
  const texts = [...(keys ?? [])].filter(([, { text }]) => text);
  const numbers = [...(keys ?? [])].filter(([, facts]) => !facts.text && facts.unique);
  const unique = texts.filter(([, facts]) => facts.unique);
  const number = numbers.find(([name]) => numericKeys.test(name));
  return (
    pick(unique.filter(([field]) => isKeyName(field))) ??
    (number === undefined ? undefined : { field: number[0], ...number[1] }) ??
    pick(unique) ??
    pick(texts.filter(([field]) => isKeyName(field)))
  );
}

function pick(found: readonly (readonly [string, KeyFacts])[]): RowKey | undefined {
  const [best] = [...found].sort(([a], [b]) => rank(a) - rank(b));
  return best === undefined ? undefined : { field: best[0], ...best[1] };
}

function rank(field: string): number {
  const place = keyNames.indexOf(field.toLowerCase());
  return place === -1 ? keyNames.length : place;
}

function isKeyName(field: string): boolean {
  return rank(field) < keyNames.length || /(name|id|url|host|address)$/i.test(field);
}
