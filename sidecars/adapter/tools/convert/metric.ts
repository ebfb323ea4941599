import type { WrittenRule } from '../../draft/written.ts';
import type { KubectlStep } from './kubectl-path.ts';
import { convertLabels, type Labels, readTemplate, writeLabels } from './label.ts';
import type { OldConfig } from './notes.ts';
import { createMapReader, type MapReader } from './reader.ts';
import { matchesMany, toRows, toSelector } from './selector.ts';

/** One entry of `metrics:` as rules of ours; empty, with a note, when it cannot be one. */
export function convertMetric(
  old: OldConfig,
  value: unknown,
  path: readonly (string | number)[],
): WrittenRule[] {
  const metric = createMapReader(old, value, path);
  const name = metric.text('name');
  const steps = readSteps(metric, 'path');
  const kind = metric.text('type') ?? 'value';
  const type = readType(metric);
  const help = metric.text('help') || name;
  metric.has('allow_missing_key'); // ours never complains about a value that is not there
  if (metric.has('epochTimestamp')) {
    metric.note(
      'epochTimestamp',
      'left out: a sample with a time of its own stays when its app is gone, for it switches staleness off',
    );
  }
  const labels = convertLabels(metric.map('labels'));
  const values = metric.map('values');
  metric.finish();
  if (name === undefined || steps === undefined) {
    if (name === undefined) metric.note('name', 'a metric without a name; left out');
    return [];
  }
  if (kind !== 'value' && kind !== 'object') {
    metric.note('type', `unknown type "${kind}"; left out. json_exporter has value and object`);
    return [];
  }
  const metricNamed = { old, type, help: help ?? name, metric };
  if (kind === 'value') {
    if (values !== undefined) metric.note('values', 'read only for "type: object"; left out');
    return convertValue(metricNamed, name, steps, labels);
  }
  if (values === undefined) {
    metric.note('path', 'an object without values makes no samples; left out');
    return [];
  }
  return convertObject(metricNamed, name, steps, labels, values);
}

interface Named {
  readonly old: OldConfig;
  readonly type: 'gauge' | 'counter' | 'untyped';
  readonly help: string;
  readonly metric: MapReader;
}

function readType(metric: MapReader): Named['type'] {
  const type = metric.text('valuetype') ?? 'untyped';
  if (type === 'gauge' || type === 'counter' || type === 'untyped') return type;
  metric.note('valuetype', `unknown valuetype "${type}"; taken for untyped`);
  return 'untyped';
}

/** The key of a rule is its type; a counter whose name does not say so keeps its name instead. */
function typed({ type, metric }: Named, name: string): WrittenRule {
  if (type !== 'counter' || name.endsWith('_total')) return { [type]: name };
  metric.note(
    'valuetype',
    `${name} keeps its name and becomes untyped; as a counter it would be ${name}_total`,
  );
  return { untyped: name };
}

function convertValue(
  named: Named,
  name: string,
  steps: readonly KubectlStep[],
  labels: Labels,
): WrittenRule[] {
  if (matchesMany(steps)) {
    named.metric.note(
      'path',
      'a path that can match several values: the first is taken, where json_exporter fails when there are more',
    );
  }
  return [
    {
      ...typed(named, name),
      help: named.help,
      value: toSelector(steps),
      as: 'number',
      ...writeLabels(labels, []),
    },
  ];
}

function convertObject(
  named: Named,
  name: string,
  steps: readonly KubectlStep[],
  labels: Labels,
  values: MapReader,
): WrittenRule[] {
  // Without a "*" there is one row: its path goes in front of every path inside.
  const prefix = matchesMany(steps) ? [] : steps;
  const under = (inner: readonly KubectlStep[]) => [...prefix, ...inner];
  const metrics = values.entries().flatMap(([key, written]): WrittenRule[] => {
    const value = convertCell(values, key, written);
    if (value === undefined) return [];
    const selected = typeof value === 'number' ? value : toSelector(under(value));
    return [
      {
        ...typed(named, `${name}_${key}`),
        help: named.help,
        value: selected,
        ...(typeof value === 'number' ? {} : { as: 'number' }),
      },
    ];
  });
  if (metrics.length === 0) return [];
  const written = writeLabels(labels, prefix);
  if (matchesMany(steps)) return [{ ...toRows(steps), ...written, metrics }];
  return metrics.map((metric) => ({ ...metric, ...written }));
}

/** A value of an object: a path, or a constant number. */
function convertCell(
  values: MapReader,
  key: string,
  written: unknown,
): number | readonly KubectlStep[] | undefined {
  const parts = readTemplate(values, key, String(written));
  const [only] = parts ?? [];
  if (parts?.length === 1 && typeof only === 'object') return only;
  const constant = Number(typeof only === 'string' && parts?.length === 1 ? only : Number.NaN);
  if (parts !== undefined && Number.isFinite(constant)) return constant;
  if (parts !== undefined)
    values.note(key, `neither a path nor a number: ${String(written)}; left out`);
  return undefined;
}

function readSteps(map: MapReader, key: string): readonly KubectlStep[] | undefined {
  const text = map.text(key);
  if (text === undefined) {
    map.note(key, 'a metric without a path; left out');
    return undefined;
  }
  const parts = readTemplate(map, key, text);
  const [only] = parts ?? [];
  if (parts?.length === 1 && typeof only === 'object') return only;
  if (parts !== undefined) map.note(key, `expected one path in braces (got ${text}); left out`);
  return undefined;
}
