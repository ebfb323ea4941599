import type { Bucket, HistogramPoint, SummaryPoint } from '../sample.ts';
import { labelValue } from './labels.ts';
import type { Scale } from './scale.ts';
import { toNumber } from './value.ts';

export interface HistogramInput {
  /** `{bound: n}`, `[[bound, n]]` or `[{le, count}]`, as the document has it. */
  readonly buckets: unknown;
  readonly cumulative: boolean;
  readonly scale: Scale;
  readonly sum: number | undefined;
  readonly count: number | undefined;
}

/**
 * Makes buckets as Prometheus wants them: ascending, cumulative, the last one +Inf.
 * @returns undefined when they cannot be
 */
export function readHistogram(input: HistogramInput): Omit<HistogramPoint, 'labels'> | undefined {
  const pairs = readPairs(input.buckets, readBound);
  if (pairs === undefined) return undefined;
  const ascending = pairs.sort(([a], [b]) => a - b);
  const buckets: Bucket[] = [];
  let sofar = 0;
  for (const [bound, count] of ascending) {
    sofar = input.cumulative ? count : sofar + count;
    buckets.push({ bound: tidy(input.scale(bound)), count: sofar });
  }
  const last = buckets.at(-1);
  if (last?.bound !== Number.POSITIVE_INFINITY) {
    const total = Math.max(input.count ?? sofar, sofar);
    buckets.push({ bound: Number.POSITIVE_INFINITY, count: total });
  }
  if (buckets.some(({ bound, count }) => Number.isNaN(bound) || !(count >= 0))) return undefined;
  return input.sum === undefined ? { buckets } : { buckets, sum: input.scale(input.sum) };
}

/**
 * `{p99: n}`, `{"0.99": n}`, `[[99, n]]` or `[{quantile, value}]`, ascending. Of two names of one
 * quantile, as `p50` and `median`, the first is taken.
 */
export function readQuantiles(value: unknown, scale: Scale): SummaryPoint['quantiles'] | undefined {
  const pairs = readPairs(value, readQuantile);
  if (pairs?.some(([quantile]) => !(quantile >= 0 && quantile <= 1))) return undefined;
  return pairs
    ?.sort(([a], [b]) => a - b)
    .map(([quantile, found]) => ({ quantile: tidy(quantile), value: scale(found) }))
    .filter(({ quantile }, at, all) => quantile !== all[at - 1]?.quantile);
}

/** Bounds and quantiles are text in the end: 0.30000000000000004 would be a bucket of its own. */
function tidy(number: number): number {
  return Number(number.toPrecision(15));
}

type Pair = readonly [number, number];

function readPairs(value: unknown, readKey: (key: unknown) => number): Pair[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const pairs: Pair[] = [];
  for (const entry of Array.isArray(value) ? value : Object.entries(value)) {
    const [key, amount] = splitPair(entry);
    if (amount === null || amount === undefined) continue;
    const pair: Pair = [readKey(key), toNumber(amount)];
    if (Number.isNaN(pair[0]) || !Number.isFinite(pair[1])) return undefined;
    pairs.push(pair);
  }
  return pairs.length === 0 ? undefined : pairs;
}

const keyNames = ['le', 'bound', 'quantile', 'percentile'];
const amountNames = ['count', 'value'];

function splitPair(entry: unknown): readonly [unknown, unknown] {
  if (Array.isArray(entry)) return [entry[0], entry[1]];
  if (typeof entry !== 'object' || entry === null) return [undefined, undefined];
  const members = new Map<string, unknown>(Object.entries(entry));
  const pick = (names: readonly string[]) => names.find((name) => members.has(name));
  return [members.get(pick(keyNames) ?? ''), members.get(pick(amountNames) ?? '')];
}

function readBound(key: unknown): number {
  const text = (labelValue(key) ?? '').trim().toLowerCase();
  if (/^\+?inf(inity)?$/.test(text)) return Number.POSITIVE_INFINITY;
  return toNumber(text.replace(/^(<=|le_?)\s*/, ''));
}

/** 0.99, 99, "p99", "99%" and the "p999" or "999" that mean 99.9 are all quantiles. */
function readQuantile(key: unknown): number {
  const text = (labelValue(key) ?? '').trim().toLowerCase();
  const word = { min: 0, median: 0.5, max: 1 }[text];
  if (word !== undefined) return word;
  const number = toNumber(text.replace(/^p(ct|erc)?_?/, '').replace(/\s*(%|th)$/, ''));
  if (number <= 1 && !/^p|%$/.test(text)) return number;
  if (number <= 100) return number / 100;
  return Number.isInteger(number) ? number / 10 ** String(number).length : Number.NaN;
}
