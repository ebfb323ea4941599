import type { Candidate } from './candidate.ts';
import { appendWords } from './names.ts';
import { describePlace, type Scope } from './scope.ts';
import type { Shape } from './shape.ts';
import { takeUnit, type Unit } from './units.ts';
import { splitWords } from './words.ts';

/** A metric made of an object, and the keys of the object that it has used up. */
export interface Distribution {
  readonly candidate: Candidate;
  readonly used: ReadonlySet<string>;
}

/**
 * A summary, when an object holds percentiles (`{count, mean, p50, p99}` or `{"50.0": …}`), whoever
 * else is in it.
 */
export function draftSummary(scope: Scope, shape: Shape): Distribution | undefined {
  const quantiles = new Map<string, string>();
  const units = new Set<Unit | undefined>();
  for (const [key, field] of shape.fields ?? []) {
    const found = field.numbers === undefined ? undefined : quantileOf(key);
    if (found === undefined || quantiles.has(found.quantile)) continue;
    quantiles.set(found.quantile, key);
    units.add(found.unit);
  }
  if (quantiles.size < 2 || units.size !== 1) return undefined;
  const count = ['count', 'n', 'total'].find((key) => shape.fields?.get(key)?.numbers);
  const sum = ['sum', 'total_time'].find((key) => shape.fields?.get(key)?.numbers);
  const { words, unit } = ownUnit(scope, [...units][0]);
  const sorted = [...quantiles].sort(([a], [b]) => Number(a) - Number(b));
  return {
    used: new Set([...quantiles.values(), ...(count ? [count] : []), ...(sum ? [sum] : [])]),
    candidate: {
      kind: 'metric',
      type: 'summary',
      place: scope.placeOf('quantiles'),
      words,
      unit,
      help: describePlace(scope.placeOf('quantiles')),
      fields: {
        quantiles: Object.fromEntries(sorted.map(([q, key]) => [q, scope.pathOf(key)])),
        ...(unit === undefined || unit.scale === 1 ? {} : { scale: unit.scale }),
        ...(sum === undefined ? {} : { sum: scope.pathOf(sum) }),
        ...(count === undefined ? {} : { count: scope.pathOf(count) }),
      },
      note: 'percentiles that the app worked out itself',
    },
  };
}

function ownUnit(
  scope: Scope,
  unit: Unit | undefined,
): { words: readonly string[]; unit: Unit | undefined } {
  if (unit !== undefined) return { words: scope.words, unit };
  const taken = takeUnit(scope.words);
  return taken.words.length === 0 ? { words: scope.words, unit: taken.unit } : taken;
}

/** `p99`, `p99_ms`, `99th`, `99.9`, `0.99`, `median` as a quantile between 0 and 1. */
function quantileOf(key: string): { quantile: string; unit: Unit | undefined } | undefined {
  const { words, unit } = takeUnit(splitWords(key));
  const name = unit === undefined ? key.toLowerCase() : words.join('_');
  if (name === 'median') return { quantile: '0.5', unit };
  const [, marked, plain] =
    /^(?:p(\d{2,3}(?:[._]\d+)?)|(\d{2}(?:\.\d+)?)(?:th|%)?|(?:percentile_?)(\d{2}))$/.exec(name) ??
    [];
  const fraction = /^0\.\d{1,4}$/.exec(name)?.[0];
  if (fraction !== undefined) return { quantile: String(Number(fraction)), unit };
  const digits = marked?.replace('_', '.') ?? plain;
  // Bare numbers may be anything, as codes are; only the percentiles that people ask for count.
  if (marked === undefined && !/^(10|25|50|75|80|90|95|98|99)(\.\d+)?$/.test(digits ?? ''))
    return undefined;
  if (digits === undefined) return undefined;
  // `p999` is the 99.9th percentile, `p100` the largest.
  const percent =
    Number(digits) > 100 ? Number(`${digits.slice(0, 2)}.${digits.slice(2)}`) : Number(digits);
  return { quantile: String(Number((percent / 100).toFixed(6))), unit };
}

/** A histogram, when an object of counts by upper bound is called buckets. */
export function draftHistogram(scope: Scope, key: string, shape: Shape): Candidate | undefined {
  const own = splitWords(key);
  const entries = [...(shape.fields ?? [])];
  if (!/^(buckets?|histogram)$/.test(own.at(-1) ?? '') || entries.length < 2) return undefined;
  const counts = entries
    .map(([bound, field]) => ({
      bound: Number(bound.replace(/^\+?inf(inity)?$/i, 'Infinity')),
      field,
    }))
    .sort((a, b) => a.bound - b.bound);
  const valid = counts.every(
    ({ bound, field }) => !Number.isNaN(bound) && field.numbers !== undefined,
  );
  if (!valid) return undefined;
  const falling = counts.some(({ field }, place) => {
    const before = counts[place - 1]?.field.numbers;
    return before !== undefined && (field.numbers?.max ?? 0) < before.max;
  });
  const { words, unit } = takeUnit(appendWords(scope.words, own.slice(0, -1)));
  return {
    kind: 'metric',
    type: 'histogram',
    place: scope.placeOf(key),
    words,
    unit,
    help: describePlace(scope.placeOf(key)),
    fields: {
      buckets: scope.pathOf(key),
      cumulative: !falling,
      ...(unit === undefined || unit.scale === 1 ? {} : { scale: unit.scale }),
    },
    note: falling ? 'each bucket counts its own' : 'each bucket seems to count those below it too',
  };
}
