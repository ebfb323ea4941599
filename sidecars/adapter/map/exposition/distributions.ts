import type { Bucket } from '../../sample.ts';
import type { Collector, Declaration } from '../collector.ts';
import type { AssemblyOptions, SampleLine, Tell } from './assemble.ts';
import { type FamilyParts, gather, timeOf } from './parts.ts';

interface HistogramPart {
  readonly buckets: Bucket[];
  sum?: number;
  count?: number;
  created?: number;
  timestamp?: number;
}

export function histogramParts(
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

export function summaryParts(
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

function readEdge(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  if (/^\+?inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  const number = Number(text);
  return Number.isNaN(number) ? undefined : number;
}
