import type { LabelText, StateSetPoint } from '../sample.ts';
import type { Collector } from './collector.ts';
import { readHistogram, readQuantiles } from './histogram.ts';
import { labelValue } from './labels.ts';
import { compileSelector } from './pick/select.ts';
import type { OnDuplicate } from './points.ts';
import type { Row } from './row.ts';
import { createScale } from './scale.ts';
import type { HistogramRule, MetricRule, StateSetRule, SummaryRule, ValueRule } from './schema.ts';
import { compileOptional, compileValue, show } from './value.ts';

/** Adds what one rule makes of one row, under labels that are worked out already. */
export type Emit = (row: Row, labels: LabelText) => void;
/** Declares the families of a collection and readies a rule for it. */
export type OpenRule = (collector: Collector) => Emit;

export interface RuleOptions {
  readonly prefix: string;
  /** Of the `each` around the rule; the rule's own wins. */
  readonly onDuplicate: OnDuplicate | undefined;
}

/** Compiles one metric rule. */
export function compileMetric(rule: MetricRule, options: RuleOptions): OpenRule {
  const how = rule.onDuplicate ?? options.onDuplicate;
  const declared = (name: string) => ({
    name: options.prefix + name,
    help: rule.help === '' ? describeSource(rule) : rule.help,
    unit: 'unit' in rule ? rule.unit : undefined,
  });
  if ('counter' in rule) return compileValueRule(rule, 'counter', declared(rule.counter), how);
  if ('gauge' in rule) return compileValueRule(rule, 'gauge', declared(rule.gauge), how);
  if ('untyped' in rule) return compileValueRule(rule, 'unknown', declared(rule.untyped), how);
  if ('histogram' in rule) return compileHistogram(rule, declared(rule.histogram), how);
  if ('summary' in rule) return compileSummary(rule, declared(rule.summary), how);
  if ('stateset' in rule) return compileStateSet(rule, declared(rule.stateset), how);
  const family = declared(rule.info);
  return (collector) => {
    const points = collector.values('info', family);
    return (_row, labels) => points.add(labels, 1, how);
  };
}

/** A metric without help says at least where it comes from. */
function describeSource(rule: MetricRule): string {
  const source =
    'value' in rule
      ? rule.value
      : 'buckets' in rule
        ? rule.buckets
        : 'quantiles' in rule
          ? rule.quantiles
          : undefined;
  if (typeof source !== 'object' || !('start' in source)) return 'From the document of the app.';
  const { start } = source;
  if (start !== 'jsonpath' && typeof source.text === 'string')
    return `${source.text} in the document.`;
  return 'From the document of the app.';
}

interface Declared {
  readonly name: string;
  readonly help: string;
  readonly unit?: string | undefined;
}

function compileValueRule(
  rule: ValueRule,
  type: 'counter' | 'gauge' | 'unknown',
  family: Declared,
  how: OnDuplicate | undefined,
): OpenRule {
  const read = compileValue(rule, family.name);
  const since = 'since' in rule ? compileOptional(rule.since, 'since', family.name) : undefined;
  return (collector) => {
    const points = collector.values(type, family);
    return (row, labels) => {
      const value = read(row);
      if (value === undefined) return;
      const created = since?.(row);
      points.add(labels, created === undefined ? value : { value, created }, how);
    };
  };
}

function compileHistogram(
  rule: HistogramRule,
  family: Declared,
  how: OnDuplicate | undefined,
): OpenRule {
  const { cumulative } = rule;
  const scale = createScale(rule.scale);
  const buckets = compileSelector(rule.buckets);
  const sum = compileOptional(rule.sum, 'sum', family.name);
  const count = compileOptional(rule.count, 'count', family.name);
  const since = compileOptional(rule.since, 'since', family.name);
  return (collector) => {
    const points = collector.histograms(family);
    return (row, labels) => {
      const found = buckets(row);
      if (isMissing(found)) return tellMissing(rule, family.name, collector);
      const input = { buckets: found, cumulative, scale, sum: sum(row), count: count(row) };
      const point = readHistogram(input);
      if (point === undefined) {
        collector.drop({ reason: 'bad_buckets', metric: family.name, detail: show(found) });
        return;
      }
      const created = since(row);
      points.add(labels, created === undefined ? point : { ...point, created }, how);
    };
  };
}

function compileSummary(
  rule: SummaryRule,
  family: Declared,
  how: OnDuplicate | undefined,
): OpenRule {
  const scale = createScale(rule.scale);
  const quantiles = compileQuantiles(rule);
  const sum = compileOptional(rule.sum, 'sum', family.name);
  const count = compileOptional(rule.count, 'count', family.name);
  const since = compileOptional(rule.since, 'since', family.name);
  return (collector) => {
    const points = collector.summaries(family);
    return (row, labels) => {
      const found = quantiles(row);
      const values = { sum: sum(row), count: count(row), created: since(row) };
      if (isMissing(found) && values.sum === undefined && values.count === undefined) {
        return tellMissing(rule, family.name, collector);
      }
      const read = isMissing(found) ? [] : readQuantiles(found, scale);
      if (read === undefined) {
        collector.drop({ reason: 'bad_quantiles', metric: family.name, detail: show(found) });
        return;
      }
      points.add(
        labels,
        {
          quantiles: read,
          ...(values.sum === undefined ? {} : { sum: scale(values.sum) }),
          ...(values.count === undefined ? {} : { count: values.count }),
          ...(values.created === undefined ? {} : { created: values.created }),
        },
        how,
      );
    };
  };
}

function compileQuantiles({ quantiles }: SummaryRule): (row: Row) => unknown {
  if (quantiles === undefined) return () => undefined;
  if ('start' in quantiles && typeof quantiles.start === 'string') {
    return compileSelector(quantiles);
  }
  const reads = Object.entries(quantiles).map(
    ([quantile, selector]) => [Number(quantile), compileSelector(selector)] as const,
  );
  return (row) => {
    const pairs = reads.map(([quantile, read]) => [quantile, read(row)] as const);
    const present = pairs.filter(([, value]) => !isMissing(value));
    return present.length === 0 ? undefined : present;
  };
}

function compileStateSet(
  rule: StateSetRule,
  family: Declared,
  how: OnDuplicate | undefined,
): OpenRule {
  const read = compileSelector(rule.value);
  const { states: listed, other } = rule;
  const all = other === undefined ? listed : [...new Set([...listed, other])];
  return (collector) => {
    const points = collector.statesets(family);
    return (row, labels) => {
      const found = read(row);
      if (isMissing(found)) return tellMissing(rule, family.name, collector);
      const on = new Set(statesOf(found).map((state) => (listed.includes(state) ? state : other)));
      if (on.has(undefined)) {
        collector.drop({ reason: 'unknown_state', metric: family.name, detail: show(found) });
      }
      const states = all.map((state) => ({ state, on: on.has(state) }));
      const point: StateSetPoint = { states };
      points.add(labels, point, how);
    };
  };
}

/** The states that hold: the text itself, those of a list, those of a map that are true. */
function statesOf(found: unknown): string[] {
  if (Array.isArray(found)) return found.map((state: unknown) => labelValue(state) ?? '');
  if (typeof found !== 'object' || found === null) return [labelValue(found) ?? ''];
  return Object.entries(found).flatMap(([state, on]) => (on ? [state] : []));
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function tellMissing(
  { missing }: { missing: 'skip' | 'error' },
  metric: string,
  collector: Collector,
): void {
  if (missing === 'error') collector.drop({ reason: 'missing', metric, detail: 'no value' });
}
