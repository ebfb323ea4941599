import { toNumber } from '../condition/compare.ts';
import { compileCondition } from '../condition/compile.ts';
import { readField } from '../condition/field-value.ts';
import type { LogRecord } from '../record.ts';
import type { LineMetricConfig } from './config.ts';
import { renderFamily } from './exposition.ts';
import { counter, gauge, histogram, type Kind } from './kinds.ts';
import { createSeriesSet } from './series.ts';

/** A metric made from records. */
export interface LineMetric {
  observe(record: LogRecord): void;
  /** In Prometheus' text format. */
  render(): string;
}

type Match = readonly (string | undefined)[];
type Read = (record: LogRecord, match: Match) => unknown;

/** @param dropped called for a record whose series would be one too many */
export function createLineMetric(
  name: string,
  config: LineMetricConfig,
  dropped: () => void,
): LineMetric {
  switch (config.type) {
    case 'counter':
      return withKind(name, config, counter, dropped);
    case 'gauge':
      return withKind(name, config, gauge, dropped);
    case 'histogram':
      return withKind(name, config, histogram(config.buckets), dropped);
  }
}

const noMatch: Match = [];

function withKind<State>(
  name: string,
  config: LineMetricConfig,
  kind: Kind<State>,
  dropped: () => void,
): LineMetric {
  const { match: pattern, value, scale } = config;
  const holds = compileWhen(config);
  const labelNames = Object.keys(config.labels);
  const readers = Object.values(config.labels).map((field) => createRead(config, field));
  const readValue = value === undefined ? () => 1 : createRead(config, value);
  const series = createSeriesSet({ ...config, expire: config.expire, create: kind.create });
  return {
    observe(record) {
      const match = pattern === undefined ? noMatch : pattern.exec(record.text);
      if (match === null || !holds(record, match)) return;
      const number = toNumber(readValue(record, match)) * scale;
      if (Number.isNaN(number)) return;
      const state = series.at(readers.map((read) => toLabel(read(record, match))));
      if (state === undefined) dropped();
      else kind.add(state, number);
    },
    render() {
      const samples = series.list().flatMap(({ values, state }) => {
        const labels = labelNames.map((label, at) => [label, values[at] ?? ''] as const);
        return kind.render(state, labels);
      });
      const help = config.help ?? 'Made from log lines.';
      return renderFamily({ name, type: config.type, help, samples });
    },
  };
}

/** A named group of the pattern, or else a field of the record. */
function createRead({ match: pattern }: LineMetricConfig, field: string): Read {
  const group = pattern?.groupNumbers[field];
  if (group !== undefined) return (_, match) => match[group];
  return (record) => readField(record.fields, field);
}

function compileWhen(config: LineMetricConfig): (record: LogRecord, match: Match) => boolean {
  const { when, match: pattern } = config;
  if (when === undefined) return () => true;
  const holds = compileCondition(when.condition);
  if (pattern === undefined || pattern.groupNames.length === 0) return holds;
  return (record, match) => {
    const groups = pattern.groupNames.map((name) => [name, match[pattern.groupNumbers[name] ?? 0]]);
    return holds({ ...record, fields: { ...record.fields, ...Object.fromEntries(groups) } });
  };
}

function toLabel(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : (JSON.stringify(value) ?? '');
}
