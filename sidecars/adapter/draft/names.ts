import type { Unit } from './units.ts';
import { joinWords, plural } from './words.ts';

export type NamedType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'info' | 'stateset';

/** Abbreviations that promtool takes for units, wherever they stand behind an underscore. */
const abbreviations = new Set('s ms us ns sec b kb mb gb tb pb m h d'.split(' '));
/** Plural units that are none of ours: `errors_last_hours` would be taken for a number of hours. */
const foreignUnits =
  /^(pico|nano|micro|milli|centi|kilo|kibi|mega|mibi|mebi|giga|gibi|tera|tebi|peta|pebi)?(seconds|bytes|bits|minutes|hours|days|weeks|meters|grams|joules|volts|amperes|inches|yards|miles|pounds|ounces|calories)$/;
const typeWords = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);
const reserved = /^(total|count|sum|bucket|info|created)$/;
const countWords = new Set(['count', 'num', 'number', 'total', 'sum', 'n']);
/** Names that Prometheus, its clients and podmates itself give. */
const taken = /^(up|scrape_.*|podmates_.*|go_.*|process_.*|promhttp_.*|alerts(_.*)?)$/i;

/**
 * The name of a metric by the conventions that promtool checks: base unit last, `_total` on
 * counters and on nothing else, no type, no abbreviation of a unit, no suffix of another type.
 */
export function metricName(
  type: NamedType,
  words: readonly string[],
  unit?: Unit,
  ordinal = 1,
): string {
  const plain = words.filter((word) => !typeWords.has(word));
  const named = type === 'counter' ? dropCounts(plain) : tidyEnd(plain, type, unit);
  const whole = avoidForeignUnits(named.length === 0 ? ['value'] : named);
  // Cut before anything is added that tells names apart.
  const safe = whole
    .join('_')
    .slice(0, 150)
    .split('_')
    .filter((word) => word !== '');
  if (ordinal > 1) safe.push(String(ordinal));
  const end = safe.at(-1) ?? '';
  // With a prefix in front, a lone word is a suffix too.
  if (type !== 'counter' && type !== 'info' && reserved.test(end)) safe.push(`${safe.pop()}s`);
  if (unit !== undefined && safe.at(-1) !== unit.base) safe.push(unit.base);
  if (type === 'counter') safe.push('total');
  if (type === 'info') safe.push('info');
  const name = joinWords(safe);
  return taken.test(name) ? `app_${name}` : name;
}

function dropCounts(words: readonly string[]): string[] {
  const kept = words.filter((word) => !countWords.has(word));
  return kept.length === 0 ? [...words] : kept;
}

/** `user_count` -> `users`, `memory_total` -> `total_memory`: the suffixes belong to other types. */
function tidyEnd(words: readonly string[], type: NamedType, unit: Unit | undefined): string[] {
  const last = words.at(-1) ?? '';
  if (type === 'info' || words.length < 2) return [...words];
  const rest = words.slice(0, -1);
  const before = rest.at(-1) ?? '';
  if (countWords.has(last) && last !== 'total' && last !== 'sum') {
    return [...rest.slice(0, -1), plural(before)];
  }
  if (unit !== undefined) return [...words];
  return last === 'total' ? [...rest.slice(0, -1), 'total', before] : [...words];
}

function avoidForeignUnits(words: readonly string[]): string[] {
  const safe: string[] = [];
  for (const word of words) {
    const previous = safe.at(-1);
    if (previous !== undefined && abbreviations.has(word)) safe[safe.length - 1] = previous + word;
    else if (abbreviations.has(word)) safe.push(`${word}value`);
    else safe.push(foreignUnits.test(word) && !isBase(word) ? word.slice(0, -1) : word);
  }
  return safe;
}

function isBase(word: string): boolean {
  return word === 'seconds' || word === 'bytes';
}

/** A label name; those with a meaning of their own get a word behind them. */
export function labelName(words: readonly string[], used: ReadonlySet<string> = new Set()): string {
  let name = joinWords(words.length === 0 ? ['key'] : words);
  if (/^(job|instance|le|quantile)$/.test(name) || /^__/.test(name)) {
    name = `${name.replace(/^_+/, '')}_name`;
  }
  const wanted = name;
  for (let count = 2; used.has(name); count++) name = `${wanted}_${count}`;
  return name;
}

/** Child words behind those of its parents, without saying twice what both say. */
export function appendWords(parents: readonly string[], own: readonly string[]): string[] {
  for (let length = Math.min(parents.length, own.length); length > 0; length--) {
    const tail = parents.slice(-length).join(' ');
    if (tail === own.slice(0, length).join(' ')) return [...parents, ...own.slice(length)];
  }
  return [...parents, ...own];
}
