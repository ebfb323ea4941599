import type { Collector } from './collector.ts';
import { compileLabels, type LabelLevel } from './label.ts';
import { compileMetric, type Emit, type OpenRule, type RuleOptions } from './metric.ts';
import { compileRows } from './pick/select.ts';
import { compileCondition, type Test } from './pick/where.ts';
import { createDateReader } from './read-as.ts';
import type { Row, Run } from './row.ts';
import type { EachRule, MetricRule, Rule } from './schema.ts';
import { createTimeZone } from './time-zone.ts';

/** Makes samples of a document. */
export interface Mapping {
  /**
   * @param document what JSON.parse returned
   * @returns whether every digit that a label needed was there; if not, map again what
   *   `parseExact` returns
   */
  run(document: unknown, collector: Collector): { readonly exact: boolean };
}

export interface MappingOptions {
  /** In front of every name. */
  readonly prefix: string;
  /** Fixed labels of everything; the rules' own give way to them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of dates that say none; without it they are refused. */
  readonly timeZone?: string | undefined;
}

/** Adds what a rule, with all that is inside it, makes of one row. */
type Visit = (row: Row) => void;
type Open = (collector: Collector) => Visit;

/** Compiles rules to closures, once; running them parses and interprets nothing of the config. */
export function compileMapping(rules: readonly Rule[], options: MappingOptions): Mapping {
  const fixed = compileLabels(toLiterals(options.labels), []);
  const openAll = compileRules(rules, fixed.names, Object.keys(options.labels), {
    prefix: options.prefix,
    onDuplicate: undefined,
  });
  const { timeZone } = options;
  const readDate = createDateReader(timeZone === undefined ? undefined : createTimeZone(timeZone));
  return {
    run(document, collector) {
      const run: Run = { document, collector, readDate, inexact: false };
      const bare = { run, value: document, key: undefined, index: 0 };
      const start = { ...bare, pieces: [], labels: '' };
      const { pieces, text } = fixed.open()(start) ?? { pieces: [], text: '' };
      const row = { ...bare, pieces, labels: text };
      for (const visit of openAll.map((open) => open(collector))) visit(row);
      return { exact: !run.inexact };
    },
  };
}

function compileRules(
  rules: readonly Rule[],
  names: readonly string[],
  fixed: readonly string[],
  options: RuleOptions,
): readonly Open[] {
  return rules.map((rule) => {
    const own = Object.fromEntries(
      Object.entries(rule.labels).filter(([name]) => !fixed.includes(name)),
    );
    const level = compileLabels(own, names);
    const test = rule.where === undefined ? undefined : compileCondition(rule.where.condition);
    return 'each' in rule
      ? compileEach(rule, { level, test, fixed, options })
      : compileSingle(rule, Object.keys(own).length > 0 ? level : undefined, test, options);
  });
}

function compileSingle(
  rule: MetricRule,
  level: LabelLevel | undefined,
  test: Test | undefined,
  options: RuleOptions,
): Open {
  const open: OpenRule = compileMetric(rule, options);
  return (collector) => {
    const emit: Emit = open(collector);
    const read = level?.open();
    return (row) => {
      if (test !== undefined && !test(row)) return;
      if (read === undefined) return emit(row, row.labels);
      const found = read(row);
      if (found !== undefined) emit(row, found.text);
    };
  };
}

interface Surrounding {
  readonly level: LabelLevel;
  readonly test: Test | undefined;
  readonly fixed: readonly string[];
  readonly options: RuleOptions;
}

function compileEach(rule: EachRule, { level, test, fixed, options }: Surrounding): Open {
  const find = compileRows(rule.each);
  const inner = compileRules(rule.metrics, level.names, fixed, {
    ...options,
    onDuplicate: rule.onDuplicate ?? options.onDuplicate,
  });
  return (collector) => {
    const visits = inner.map((open) => open(collector));
    const read = level.open();
    return (outer) => {
      // One row for all: what they are asked for is done with before the next one comes.
      const row: Row = { ...outer, index: -1 };
      find(outer, (value, key) => {
        row.value = value;
        row.key = key;
        row.index += 1;
        row.pieces = outer.pieces;
        row.labels = outer.labels;
        if (test !== undefined && !test(row)) return;
        const found = read(row);
        if (found === undefined) return;
        row.pieces = found.pieces;
        row.labels = found.text;
        for (const visit of visits) visit(row);
      });
    };
  };
}

function toLiterals(labels: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(labels).map(([name, text]) => [
      name,
      { parts: [text], toJSON: () => text } as const,
    ]),
  );
}
