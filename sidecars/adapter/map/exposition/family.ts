import type { Bucket } from '../../sample.ts';
import type { Collector, Declaration } from '../collector.ts';
import type { AssemblyOptions, SampleLine, Tell } from './assemble.ts';

/** Takes the samples of one family and makes points of them. */
export interface FamilyParts {
  take(suffix: string, line: SampleLine, tell: Tell): void;
  finish(): void;
}

interface Described extends Declaration {
  readonly type: string;
}

export function openParts(
  collector: Collector,
  { type, name, help, unit }: Described,
  options: AssemblyOptions,
): FamilyParts {
  const family = { name, help, unit };
  switch (type) {
    case 'histogram':
      return histogramParts(collector, family, options);
    case 'summary':
      return summaryParts(collector, family, options);
    case 'stateset':
      return statesetParts(collector, family, options);
    case 'counter':
      return options.openMetrics
        ? counterParts(collector, { ...family, name: `${name}_total` }, options)
        : valueParts(collector, 'counter', family, options);
    case 'info':
      return valueParts(collector, 'info', { ...family, name: `${name}_info` }, options);
    case 'gauge':
      return valueParts(collector, 'gauge', family, options);
    case 'gaugehistogram':
      return looseParts(collector, family, options);
    default:
      return valueParts(collector, 'unknown', family, options);
  }
}

/** Milliseconds, as points have them. */
function timeOf(line: SampleLine, { openMetrics }: AssemblyOptions): { timestamp?: number } {
  if (line.timestamp === undefined) return {};
  return { timestamp: openMetrics ? Math.round(line.timestamp * 1000) : line.timestamp };
}

function valueParts(
  collector: Collector,
  type: 'counter' | 'gauge' | 'info' | 'unknown',
  family: Declaration,
  options: AssemblyOptions,
): FamilyParts {
  const points = collector.values(type, family);
  return {
    take(_suffix, line) {
      const labels = options.labelText(line.labelText, line.labels);
      const { value } = line;
      points.add(
        labels,
        line.timestamp === undefined ? value : { value, ...timeOf(line, options) },
      );
    },
    finish() {},
  };
}

/** Samples that go onto the page one by one, each name a family of its own. */
function looseParts(
  collector: Collector,
  family: Declaration,
  options: AssemblyOptions,
): FamilyParts {
  return {
    take(suffix, line, tell) {
      const loose = { ...family, name: family.name + suffix };
      valueParts(collector, 'unknown', loose, options).take(suffix, line, tell);
    },
    finish() {},
  };
}

/** Keeps what is known of each set of labels until the page is at its end. */
function gather<T extends object>(blank: () => T) {
  const found = new Map<string, T>();
  return {
    of(labels: string): T {
      let parts = found.get(labels);
      if (parts === undefined) {
        parts = blank();
        found.set(labels, parts);
      }
      return parts;
    },
    entries: () => found.entries(),
  };
}

interface CounterPart {
  value?: number;
  created?: number;
  timestamp?: number;
  exemplar?: string;
}

function counterParts(
  collector: Collector,
  family: Declaration,
  options: AssemblyOptions,
): FamilyParts {
  const points = collector.values('counter', family);
  const parts = gather<CounterPart>(() => ({}));
  return {
    take(suffix, line, tell) {
      const part = parts.of(options.labelText(line.labelText, line.labels));
      const key = suffix === '_created' ? 'created' : 'value';
      if (part[key] !== undefined) return tell(`${line.name} twice with the same labels`);
      part[key] = line.value;
      if (key === 'created') return;
      Object.assign(part, timeOf(line, options));
      if (line.exemplar !== undefined) part.exemplar = line.exemplar;
    },
    finish() {
      for (const [labels, { value, ...rest }] of parts.entries()) {
        if (value !== undefined) points.add(labels, { value, ...rest });
      }
    },
  };
}

interface HistogramPart {
  readonly buckets: Bucket[];
  sum?: number;
  count?: number;
  created?: number;
  timestamp?: number;
}

function histogramParts(
  collector: Collector,
  family: Declaration,
  options: AssemblyOptions,
): FamilyParts {
  const points = collector.histograms(family);
  const parts = gather<HistogramPart>(() => ({ buckets: [] }));
  return {
    take(suffix, line, tell) {
      const part = parts.of(options.labelText(line.labelText, line.labels, 'le'));
      Object.assign(part, timeOf(line, options));
      if (suffix !== '_bucket') return setOnce(part, suffix, line, tell);
      const bound = readEdge(line.labels.get('le'));
      if (bound === undefined) return tell('a bucket without a number in le');
      const { value: count, exemplar } = line;
      part.buckets.push(exemplar === undefined ? { bound, count } : { bound, count, exemplar });
    },
    finish() {
      for (const [labels, { buckets, count, ...rest }] of parts.entries()) {
        const ascending = buckets.sort((a, b) => a.bound - b.bound);
        const last = ascending.at(-1);
        if (count !== undefined && last?.bound !== Number.POSITIVE_INFINITY) {
          ascending.push({ bound: Number.POSITIVE_INFINITY, count });
        }
        points.add(labels, { buckets: ascending, ...rest });
      }
    },
  };
}

interface SummaryPart {
  readonly quantiles: { quantile: number; value: number }[];
  sum?: number;
  count?: number;
  created?: number;
  timestamp?: number;
}

function summaryParts(
  collector: Collector,
  family: Declaration,
  options: AssemblyOptions,
): FamilyParts {
  const points = collector.summaries(family);
  const parts = gather<SummaryPart>(() => ({ quantiles: [] }));
  return {
    take(suffix, line, tell) {
      const part = parts.of(options.labelText(line.labelText, line.labels, 'quantile'));
      Object.assign(part, timeOf(line, options));
      if (suffix !== '') return setOnce(part, suffix, line, tell);
      const quantile = readEdge(line.labels.get('quantile'));
      if (quantile === undefined || quantile < 0 || quantile > 1) {
        return tell('a summary without a number from 0 to 1 in quantile');
      }
      if (part.quantiles.some((one) => one.quantile === quantile)) {
        return tell(`${line.name} twice with the same labels`);
      }
      part.quantiles.push({ quantile, value: line.value });
    },
    finish() {
      for (const [labels, part] of parts.entries()) {
        points.add(labels, part);
      }
    },
  };
}

function setOnce(
  part: { sum?: number; count?: number; created?: number },
  suffix: string,
  line: SampleLine,
  tell: Tell,
): void {
  const key = suffix === '_sum' ? 'sum' : suffix === '_count' ? 'count' : 'created';
  if (part[key] === undefined) part[key] = line.value;
  else tell(`${line.name} twice with the same labels`);
}

function statesetParts(
  collector: Collector,
  family: Declaration,
  options: AssemblyOptions,
): FamilyParts {
  const points = collector.statesets(family);
  const label = family.name.slice(options.prefix.length);
  const parts = gather<{ states: { state: string; on: boolean }[] }>(() => ({ states: [] }));
  return {
    take(_suffix, line, tell) {
      const state = line.labels.get(label);
      if (state === undefined) return tell(`a stateset without the label ${label}`);
      const labels = options.labelText(line.labelText, line.labels, label);
      const { states } = parts.of(labels);
      if (states.some((one) => one.state === state)) {
        return tell(`${line.name} twice with the same labels`);
      }
      states.push({ state, on: line.value === 1 });
    },
    finish() {
      for (const [labels, { states }] of parts.entries()) {
        points.add(labels, { states });
      }
    },
  };
}

function readEdge(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  if (/^\+?inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  const number = Number(text);
  return Number.isNaN(number) ? undefined : number;
}
