import { didYouMean } from '../core/config/suggest.ts';
import type { ConditionSource } from './condition/field.ts';
import { type Condition, referencedFields } from './condition/syntax.ts';
import type { LineMetricsConfig } from './line-metrics/config.ts';
import { accessFields } from './parse/access.ts';
import type { FormatConfig } from './parse/config.ts';
import type { StepConfig } from './shape/config.ts';
import type { OutputsConfig } from './ship/config.ts';

/** The part of the config in which rules may refer to what cannot be there. */
export interface RuleConfig {
  readonly inputs: Readonly<Record<string, { readonly format: FormatConfig }>>;
  readonly steps: readonly StepConfig[];
  readonly metrics: LineMetricsConfig;
  readonly outputs: OutputsConfig;
}

export interface Unmatchable {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * Finds rules that can never match: they ask for a field that no input's format can give and no step
 * adds, or for an input that is not there. Where a format's fields are not known beforehand, as of
 * JSON, any field may come.
 */
export function findUnmatchable(config: RuleConfig): Unmatchable[] {
  const found: Unmatchable[] = [];
  const inputs = Object.keys(config.inputs);
  const check = (rule: ConditionSource | undefined, fields: Fields, path: Unmatchable['path']) => {
    if (rule === undefined) return;
    const message = unknownField(rule, fields) ?? unknownInput(rule.condition, inputs);
    if (message !== undefined) found.push({ path, message });
  };
  let fields = fieldsOfFormats(Object.values(config.inputs).map(({ format }) => format));
  config.steps.forEach((step, at) => {
    if ('drop' in step) check(step.drop, fields, ['steps', at, 'drop']);
    if ('keep' in step) check(step.keep, fields, ['steps', at, 'keep']);
    if ('sample' in step) check(step.sample.when, fields, ['steps', at, 'sample', 'when']);
    fields = fieldsBehind(step, fields);
  });
  for (const [name, metric] of Object.entries(config.metrics)) {
    const known = fields && new Set([...fields, ...(metric.match?.groupNames ?? [])]);
    check(metric.when, known, ['metrics', name, 'when']);
    const message = metric.value && unknownName(metric.value, known);
    if (message !== undefined) found.push({ path: ['metrics', name, 'value'], message });
  }
  for (const [name, { when }] of Object.entries(config.outputs)) {
    check(when, fields, ['outputs', name, 'when']);
  }
  return found;
}

/** The names of all fields that can be there; undefined when any may. */
type Fields = ReadonlySet<string> | undefined;

function fieldsOfFormats(formats: readonly FormatConfig[]): Fields {
  const names = formats.map((format) => {
    if (format === 'raw') return [];
    if (format === 'access') return accessFields;
    return typeof format === 'object' ? format.regex.groupNames : undefined;
  });
  return names.includes(undefined) ? undefined : new Set(names.flatMap((some) => some ?? []));
}

function fieldsBehind(step: StepConfig, fields: Fields): Fields {
  if (fields === undefined || 'module' in step) return undefined;
  if ('add' in step) return new Set([...fields, ...Object.keys(step.add)]);
  if ('rename' in step) return new Set([...fields, ...Object.values(step.rename)]);
  return 'dedupe' in step ? new Set([...fields, 'repeated']) : fields;
}

function unknownField({ condition }: ConditionSource, fields: Fields): string | undefined {
  const asked = referencedFields(condition).filter(({ special }) => special === undefined);
  return asked
    .map(({ name }) => unknownName(name, fields))
    .find((message) => message !== undefined);
}

function unknownName(name: string, fields: Fields): string | undefined {
  if (fields === undefined || fields.has(name)) return undefined;
  const hint =
    fields.size === 0
      ? '; the format raw has no fields: ask $line, or set another format'
      : didYouMean(name, [...fields]);
  return `no input has a field "${name}"${hint}`;
}

function unknownInput(condition: Condition, inputs: readonly string[]): string | undefined {
  if ('inner' in condition) return unknownInput(condition.inner, inputs);
  if ('left' in condition) {
    return unknownInput(condition.left, inputs) ?? unknownInput(condition.right, inputs);
  }
  if (condition.field.special !== '$input') return undefined;
  const literals = condition.type === 'in' ? condition.literals : [];
  const asked = condition.type === 'compare' ? [condition.literal] : literals;
  const unknown = asked.find((name) => typeof name !== 'string' || !inputs.includes(name));
  if (unknown === undefined) return undefined;
  return `there is no input "${unknown}"${didYouMean(String(unknown), inputs)}`;
}
