import type { Collector, Declaration } from '../collector.ts';
import type { AssemblyOptions } from './assemble.ts';
import { histogramParts, summaryParts } from './distributions.ts';
import { type FamilyParts, gather, timeOf } from './parts.ts';

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
