import type { LintedFamily } from './page.ts';

/** What is wrong with a family, in words that say the mend. */
type Rule = (family: LintedFamily) => readonly string[];

const abbreviations = 's ms us ns sec b kb mb gb tb pb m h d'.split(' ');
const typeWords = ['counter', 'gauge', 'histogram', 'summary', 'gauge_histogram'];
const prefixes =
  /^(pico|nano|micro|milli|centi|deci|deca|hecto|kilo|kibi|mega|mibi|giga|gibi|tera|tebi|peta|pebi)?(.+)$/;
const baseUnits: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...Object.fromEntries(
      'amperes bytes celsius grams joules kelvin meters metres moles seconds volts'
        .split(' ')
        .map((unit) => [unit, unit]),
    ),
    ...{ minutes: 'seconds', hours: 'seconds', days: 'seconds', weeks: 'seconds', bits: 'bytes' },
    ...{ kelvins: 'kelvin', fahrenheit: 'celsius', rankine: 'celsius', calories: 'joules' },
    ...{ inches: 'meters', yards: 'meters', miles: 'meters', pounds: 'grams', ounces: 'grams' },
  }),
);

/** The rules of promtool, in its order. */
export const rules: readonly Rule[] = [
  ({ help }) => (help === '' ? ['no help text'] : []),
  ({ name, type }) => {
    const total = name.endsWith('_total');
    if (type === 'counter' && !total) return ['counter metrics should have "_total" suffix'];
    const other = type !== 'counter' && type !== 'untyped' && total;
    return other ? ['non-counter metrics should not have "_total" suffix'] : [];
  },
  ({ name }) =>
    name
      .split('_')
      .flatMap((word) => {
        const [, prefix = '', unit = ''] = prefixes.exec(word) ?? [];
        const base = baseUnits.get(word) ?? baseUnits.get(unit);
        if (base === undefined || (prefix === '' && base === unit)) return [];
        return [`use base unit "${base}" instead of "${word}"`];
      })
      .slice(0, 1),
  ({ name, type, samples }) => {
    if (type === 'untyped') return [];
    const suffixes =
      type === 'histogram' ? [] : type === 'summary' ? ['bucket'] : ['bucket', 'count', 'sum'];
    const wrong = suffixes.find((suffix) => name.endsWith(`_${suffix}`));
    const label = (which: string) => samples.some(({ labels }) => labels.has(which));
    return [
      ...(wrong === undefined ? [] : [`a ${type} should not have the suffix "_${wrong}"`]),
      ...(type !== 'histogram' && label('le') ? [`a ${type} should not have the label "le"`] : []),
      ...(type !== 'summary' && label('quantile')
        ? [`a ${type} should not have the label "quantile"`]
        : []),
    ];
  },
  ({ name }) =>
    typeWords
      .filter((word) => `${name}_`.toLowerCase().includes(`_${word}_`))
      .map((word) => `metric name should not include type "${word}"`),
  ({ name }) => (name.includes(':') ? ['metric names should not contain ":"'] : []),
  ({ name, samples }) => {
    const labels = samples.flatMap((sample) => [...sample.labels.keys()]);
    const camel = [...new Set(labels)].filter((label) => /[a-z][A-Z]/.test(label));
    return [
      ...(/[a-z][A-Z]/.test(name) ? ['metric names should be written in snake_case'] : []),
      ...camel.map((label) => `label names should be written in snake_case (${label})`),
    ];
  },
  ({ name }) =>
    abbreviations.some((unit) => `${name}_`.toLowerCase().includes(`_${unit}_`))
      ? ['metric names should not contain abbreviated units']
      : [],
  ({ type, samples }) => {
    const bad = samples.find(({ value }) => type === 'counter' && !(value >= 0));
    return bad === undefined ? [] : [`a counter is never ${bad.value}`];
  },
  ({ samples }) => {
    const reserved = samples
      .flatMap(({ labels }) => [...labels.keys()])
      .find((label) => /^(job|instance)$/.test(label));
    return reserved === undefined
      ? []
      : [`Prometheus renames the label "${reserved}" to "exported_${reserved}"`];
  },
];
