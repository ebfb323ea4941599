/** Numbers between 0 and 1 that are the same for the same seed (mulberry32). */
export function createRandom(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  return { next, below, pick };
}

export type Random = ReturnType<typeof createRandom>;

const keys = [
  'a',
  'b',
  'c',
  'n',
  'id',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'line\nbreak',
  'quo"te',
  'back\\slash',
  'tab\t',
  'nul\0',
  '🙂',
  '\ud800',
  '',
  ' ',
  'le',
  'quantile',
  '{}',
  'x="y",z',
  '# EOF',
  'ключ',
  'very'.repeat(300),
];

const scalars = [
  '0',
  '-0',
  '1',
  '-1',
  '0.1',
  '1e308',
  '1e400',
  '-1e400',
  '5e-324',
  '9007199254740993',
  '123456789012345678901234567890',
  'null',
  'true',
  'false',
  '""',
  '"NaN"',
  '"Infinity"',
  '"-Inf"',
  '"12"',
  '"1_000"',
  '"0x1F"',
  '"2026-01-02T03:04:05Z"',
  '"3h2m"',
  '"28 %"',
  '"\\ud83d\\ude00"',
  '"\\udc00"',
  '"a\\nb"',
  '"quo\\"te\\\\"',
  '"} 1\\n# TYPE x counter"',
  `"${'long'.repeat(600)}"`,
  '"\\u0000"',
  '"\\r"',
  '"\\u2028"',
];

/** JSON text that no sane app would send; duplicate keys and rows included. */
export function hostileJson(random: Random, depth = 0): string {
  const kind = depth > 5 ? 9 : random.below(10);
  if (kind >= 6) return random.pick(scalars);
  const size = random.below(depth === 0 ? 8 : 5);
  const items = Array.from({ length: size }, () => hostileJson(random, depth + 1));
  if (kind >= 4) {
    const doubled = items.length > 0 && random.below(2) === 0 ? [...items, items[0]] : items;
    return `[${doubled.join(',')}]`;
  }
  return `{${items.map((item) => `${JSON.stringify(random.pick(keys))}:${item}`).join(',')}}`;
}

const paths = ['a', 'b', 'n', 'id', '.', '$', '$key', '$index', 'a.b', 'a[0]', '$.a', 'b[-1].c'];
const odd = keys.filter((key) => key !== '').map((key) => `[${JSON.stringify(key)}]`);
const path = (random: Random) => {
  const one = random.below(3) === 0 ? random.pick(odd) : random.pick(paths);
  // A JSON escape is no escape of a path, but a key that is not found is as good as one that is.
  return one.includes('\\u') ? 'a' : one;
};
const rowPaths = [
  '*',
  'a.*',
  'b[*]',
  '*.*',
  '[*]',
  '$.*',
  { jsonpath: '$..*' },
  { jsonpath: '$[*]' },
];
const names = [
  'x',
  'y',
  'z_bucket',
  'x_sum',
  'x_count',
  'x_created',
  'dotted.name',
  'имя',
  'with "quotes"',
];
const labelNames = ['l', 'm', 'dot.ted', 'имя', 'quo"te', 'a\nb'];

type Written = Readonly<Record<string, unknown>>;

function labels(random: Random): Written {
  const chosen = labelNames.filter(() => random.below(4) === 0);
  return Object.fromEntries(
    chosen.map((name) => [
      name,
      random.pick<unknown>([path(random), '=fixed', `={a}-{$key}`, { value: path(random) }]),
    ]),
  );
}

/** A rule of any kind, with anything in it that the schema lets pass. */
export function anyRule(random: Random, depth = 0): Written {
  const common = {
    labels: labels(random),
    ...(random.below(5) === 0 ? { where: 'a or not b' } : {}),
    ...(random.below(2) === 0 ? { onDuplicate: random.pick(['error', 'drop', 'sum', 'max']) } : {}),
  };
  const value = {
    value: random.pick<unknown>([path(random), path(random), 1, { jsonpath: '$..n' }]),
    ...(random.below(2) === 0
      ? { as: random.pick(['number', 'bool', 'duration', 'date', 'bytes', 'percent']) }
      : {}),
    ...(random.below(4) === 0 ? { scale: random.pick([0.001, -1, 1e300]) } : {}),
    ...(random.below(6) === 0 ? { regex: '(\\d+)' } : {}),
    ...(random.below(6) === 0 ? { map: { true: 3, default: random.pick([1, 'drop']) } } : {}),
    missing: random.pick(['skip', 'zero', 'error']),
  };
  const name = random.pick(names);
  switch (random.below(depth > 2 ? 7 : 10)) {
    case 0:
      return { counter: `${name}_total`, ...common, ...value, since: path(random) };
    case 1:
      return { untyped: name, ...common, ...value };
    case 2:
      return { info: `${name}_info`, ...common };
    case 3:
      return { stateset: name, ...common, value: path(random), states: ['12', 'true', 'quo"te\\'] };
    case 4:
      return {
        histogram: name,
        ...common,
        buckets: path(random),
        cumulative: random.below(2) === 0,
        sum: path(random),
      };
    case 5:
      return { summary: name, ...common, quantiles: path(random), count: path(random) };
    case 6:
      return { gauge: name, ...common, ...value };
    default:
      return {
        each: random.pick<unknown>(rowPaths),
        ...common,
        metrics: Array.from({ length: 1 + random.below(3) }, () => anyRule(random, depth + 1)),
      };
  }
}
