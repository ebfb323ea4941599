import type { MetricRule, Rule } from './schema.ts';

/** Something that the rules of a source say and that cannot be, with its place below `metrics`. */
export interface RuleFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export interface CheckOptions {
  /** In front of every name of the source. */
  readonly prefix: string;
  /** Labels that the source gives to everything. */
  readonly fixed: readonly string[];
  /** Types by sample name, of the sources before this one too; added to. */
  readonly declared: Map<string, string>;
}

/** Finds what no single rule shows to be wrong: clashes of names, labels that cannot be, `$key` outside of each. */
export function checkRules(rules: readonly Rule[], options: CheckOptions): readonly RuleFault[] {
  return checkLevel(rules, options, false);
}

function checkLevel(rules: readonly Rule[], options: CheckOptions, inEach: boolean): RuleFault[] {
  return rules.flatMap((rule, index) => {
    const found: RuleFault[] = [
      ...checkFixed(rule, options),
      ...checkRowPaths(rule, inEach),
      ...('each' in rule ? nested(rule, options) : checkMetric(rule, options)),
    ];
    return found.map(({ path, message }) => ({ path: [index, ...path], message }));
  });
}

function nested(rule: Extract<Rule, { each: unknown }>, options: CheckOptions): RuleFault[] {
  return checkLevel(rule.metrics, options, true).map(({ path, message }) => ({
    path: ['metrics', ...path],
    message,
  }));
}

function checkFixed({ labels }: Rule, { fixed }: CheckOptions): RuleFault[] {
  return Object.keys(labels)
    .filter((name) => fixed.includes(name))
    .map((name) => ({
      path: ['labels', name],
      message: 'the source gives this label to everything; remove one of both',
    }));
}

/** `$key` and `$index` are those of a row; outside of each there is none. */
function checkRowPaths(rule: Rule, inEach: boolean): RuleFault[] {
  const own = Object.entries(rule).filter(([name]) => name !== 'metrics' && name !== 'labels');
  const labels = Object.entries(rule.labels).map(
    ([name, label]) => ['labels', name, label] as const,
  );
  const labelsHaveRow = inEach || 'each' in rule;
  const places = [
    ...own.map(([name, value]) => ({
      path: [name],
      value,
      hasRow: inEach || ('each' in rule && name === 'where'),
    })),
    ...labels.map(([field, name, value]) => ({
      path: [field, name],
      value,
      hasRow: labelsHaveRow,
    })),
  ];
  return places.flatMap(({ path, value, hasRow }) => {
    const text = hasRow ? undefined : findRowPath(value);
    return text === undefined
      ? []
      : [{ path, message: `${text} is that of a row; put the rule under each:` }];
  });
}

function findRowPath(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('start' in value && (value.start === 'key' || value.start === 'index'))
    return `$${value.start}`;
  for (const inside of Object.values(value)) {
    const found = findRowPath(inside);
    if (found !== undefined) return found;
  }
  return undefined;
}

const ownLabels: Readonly<Record<string, string>> = { histogram: 'le', summary: 'quantile' };

function checkMetric(rule: MetricRule, { prefix, declared }: CheckOptions): RuleFault[] {
  const [type, written] = typeAndName(rule);
  const name = prefix + written;
  const faults: RuleFault[] = [];
  const reserved = type === 'stateset' ? name : ownLabels[type];
  if (reserved !== undefined && Object.hasOwn(rule.labels, reserved)) {
    const message = `a ${type} gives this label to its series itself; call it otherwise`;
    faults.push({ path: ['labels', reserved], message });
  }
  for (const sample of sampleNames(type, name)) {
    const mine = `${type} ${name}`;
    const other = declared.get(sample);
    if (other === undefined) declared.set(sample, mine);
    else if (other !== mine) {
      const message = `${sample} belongs to the ${other} already; call one of them otherwise`;
      faults.push({ path: [type], message });
      break;
    }
  }
  return [...faults, ...checkUnit(rule, type, written), ...checkCombining(rule, type)];
}

function typeAndName(rule: MetricRule): readonly [string, string] {
  for (const type of ['counter', 'gauge', 'histogram', 'summary', 'info', 'stateset'] as const) {
    if (type in rule)
      return [type, String(Object.entries(rule).find(([key]) => key === type)?.[1])];
  }
  return ['untyped', 'untyped' in rule ? rule.untyped : ''];
}

function sampleNames(type: string, name: string): readonly string[] {
  if (type === 'histogram') return [name, `${name}_bucket`, `${name}_sum`, `${name}_count`];
  if (type === 'summary') return [name, `${name}_sum`, `${name}_count`];
  return [name];
}

function checkUnit(rule: MetricRule, type: string, name: string): RuleFault[] {
  const unit = 'unit' in rule ? rule.unit : undefined;
  if (unit === undefined) return [];
  const stem = type === 'counter' ? name.replace(/_total$/, '') : name;
  if (stem.endsWith(`_${unit}`)) return [];
  const mended = `${stem}_${unit}${type === 'counter' ? '_total' : ''}`;
  return [{ path: ['unit'], message: `the name ends in the unit: call the metric ${mended}` }];
}

function checkCombining(rule: MetricRule, type: string): RuleFault[] {
  const { onDuplicate: how } = rule;
  const faults: RuleFault[] = [];
  const single = ['info', 'stateset', 'summary'].includes(type);
  if ((how === 'sum' && single) || (how === 'max' && (single || type === 'histogram'))) {
    faults.push({
      path: ['onDuplicate'],
      message: `of two ${type} points there is no ${how}; expected error or drop`,
    });
  }
  if ('summary' in rule && !rule.quantiles && !rule.sum && !rule.count) {
    faults.push({ path: [type], message: 'a summary of nothing; add quantiles, sum or count' });
  }
  if ('as' in rule && typeof rule.value === 'number') {
    const idle = (['as', 'map', 'regex'] as const).find((key) => rule[key] !== undefined);
    if (idle !== undefined) {
      faults.push({ path: [idle], message: 'a constant is a number already; remove this' });
    }
  }
  return faults;
}
