import type {
  Family,
  HistogramPoint,
  LabelText,
  MetricType,
  StateSetPoint,
  SummaryPoint,
  ValuePoint,
} from '../sample.ts';
import { escapeMetric, isPlainMetric } from './names.ts';
import type { Format } from './negotiate.ts';

/**
 * Writes families as a page. What comes in is merged: no name twice, no two points of a family alike,
 * labels in the scheme of the format.
 *
 * Text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
 * OpenMetrics 1.0: https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function writePage(families: readonly Family[], format: Format): string {
  const taken = new Set(families.map(({ name }) => escapeMetric(name, format.escaping)));
  let page = '';
  for (const family of families) page += writeFamily(family, format, taken);
  return format.kind === 'openmetrics' ? `${page}# EOF\n` : page;
}

function writeFamily(family: Family, format: Format, taken: Set<string>): string {
  const open = format.kind === 'openmetrics';
  const name = escapeMetric(family.name, format.escaping);
  const { stem, type } = open
    ? openStem(name, family.type, taken)
    : { stem: name, type: family.type };
  taken.add(stem);
  const lines: Lines = {
    open,
    exemplars: open && type === family.type && type !== 'unknown',
    name,
    created:
      open && type === family.type && !taken.has(`${stem}_created`)
        ? nameSeries(`${stem}_created`)
        : undefined,
  };
  return writeComments(family, stem, type, open) + writePoints(family, lines);
}

/**
 * OpenMetrics names a family without the suffix that its type adds. Where another family has that
 * name already, or the suffix is not there, it stands as unknown: no sample is lost or renamed.
 */
function openStem(
  name: string,
  type: MetricType,
  taken: ReadonlySet<string>,
): { stem: string; type: MetricType } {
  const suffix = type === 'counter' ? '_total' : type === 'info' ? '_info' : '';
  if (suffix === '') return { stem: name, type };
  const stem = name.slice(0, -suffix.length);
  const fits = name.endsWith(suffix) && stem !== '' && !taken.has(stem);
  return fits ? { stem, type } : { stem: name, type: type === 'info' ? 'gauge' : 'unknown' };
}

const textTypes: Readonly<Record<MetricType, string>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  info: 'gauge',
  stateset: 'gauge',
  unknown: 'untyped',
};

function writeComments(family: Family, stem: string, type: MetricType, open: boolean): string {
  const name = isPlainMetric(stem) ? stem : quote(stem);
  const help = family.help === '' ? '' : `# HELP ${name} ${escapeHelp(family.help, open)}\n`;
  const { unit } = family;
  const stated = open && unit !== undefined && stem.endsWith(`_${unit}`) && isPlainMetric(unit);
  const line = stated ? `# UNIT ${name} ${unit}\n` : '';
  return `${help}# TYPE ${name} ${open ? type : textTypes[type]}\n${line}`;
}

function escapeHelp(help: string, open: boolean): string {
  const text = help.toWellFormed().replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return open ? text.replaceAll('"', '\\"') : text;
}

function quote(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** How the lines of a series begin: without labels, and with some, which close the brace. */
interface Series {
  readonly bare: string;
  readonly open: string;
}

function nameSeries(name: string): Series {
  if (isPlainMetric(name)) return { bare: `${name} `, open: `${name}{` };
  const quoted = quote(name);
  return { bare: `{${quoted}} `, open: `{${quoted},` };
}

/** @param tail the value and what comes behind it; the shorter the parts, the less there is to join */
function writeLine({ bare, open }: Series, labels: LabelText, tail: string): string {
  if (labels === '') return bare + tail;
  const end = `} ${tail}`;
  return open + labels + end;
}

function addLabel(labels: LabelText, label: string): LabelText {
  return labels === '' ? label : `${labels},${label}`;
}

interface Lines {
  readonly open: boolean;
  /** Only counters and buckets carry exemplars. */
  readonly exemplars: boolean;
  readonly name: string;
  /** Where `_created` goes; undefined where it has no place. */
  readonly created: Series | undefined;
}

function writePoints(family: Family, lines: Lines): string {
  switch (family.type) {
    case 'histogram':
      return writeHistograms(family.points, lines);
    case 'summary':
      return writeSummaries(family.points, lines);
    case 'stateset':
      return writeStateSets(family.points, lines);
    default:
      return writeValues(family.points, lines);
  }
}

function writeValues(
  points: readonly ValuePoint[],
  { open, exemplars, name, created: born }: Lines,
): string {
  const series = nameSeries(name);
  let text = '';
  for (const { labels, value, timestamp, created, exemplar } of points) {
    const time = timestamp === undefined ? '' : formatTime(timestamp, open);
    const more = exemplar === undefined || !exemplars ? '' : ` # ${exemplar}`;
    text += writeLine(series, labels, `${formatValue(value)}${time}${more}\n`);
    if (created !== undefined) text += writeCreated(born, labels, created);
  }
  return text;
}

function writeCreated(
  series: Series | undefined,
  labels: LabelText,
  created: number | undefined,
): string {
  if (created === undefined || series === undefined) return '';
  return writeLine(series, labels, `${formatValue(created)}\n`);
}

function writeHistograms(
  points: readonly HistogramPoint[],
  { open, exemplars, name, created: born }: Lines,
): string {
  const bucketOf = nameSeries(`${name}_bucket`);
  const sumOf = nameSeries(`${name}_sum`);
  const countOf = nameSeries(`${name}_count`);
  let text = '';
  for (const { labels, buckets, sum, timestamp, created } of points) {
    const time = timestamp === undefined ? '' : formatTime(timestamp, open);
    for (const { bound, count, exemplar } of buckets) {
      const more = exemplar === undefined || !exemplars ? '' : ` # ${exemplar}`;
      const within = addLabel(labels, `le="${formatBound(bound, open)}"`);
      text += writeLine(bucketOf, within, `${formatValue(count)}${time}${more}\n`);
    }
    if (sum !== undefined) {
      const count = buckets.at(-1)?.count ?? 0;
      text += writeLine(sumOf, labels, `${formatValue(sum)}${time}\n`);
      text += writeLine(countOf, labels, `${formatValue(count)}${time}\n`);
    }
    text += writeCreated(born, labels, created);
  }
  return text;
}

function writeSummaries(
  points: readonly SummaryPoint[],
  { open, name, created: born }: Lines,
): string {
  const quantileOf = nameSeries(name);
  const sumOf = nameSeries(`${name}_sum`);
  const countOf = nameSeries(`${name}_count`);
  let text = '';
  for (const { labels, quantiles, sum, count, timestamp, created } of points) {
    const end = timestamp === undefined ? '\n' : `${formatTime(timestamp, open)}\n`;
    for (const { quantile, value } of quantiles) {
      const within = addLabel(labels, `quantile="${formatBound(quantile, open)}"`);
      text += writeLine(quantileOf, within, formatValue(value) + end);
    }
    if (sum !== undefined) text += writeLine(sumOf, labels, formatValue(sum) + end);
    if (count !== undefined) text += writeLine(countOf, labels, formatValue(count) + end);
    text += writeCreated(born, labels, created);
  }
  return text;
}

function writeStateSets(points: readonly StateSetPoint[], { open, name }: Lines): string {
  const series = nameSeries(name);
  const label = isPlainMetric(name) && !name.includes(':') ? name : quote(name);
  let text = '';
  for (const { labels, states, timestamp } of points) {
    const end = timestamp === undefined ? '\n' : `${formatTime(timestamp, open)}\n`;
    for (const { state, on } of states) {
      text += writeLine(
        series,
        addLabel(labels, `${label}=${quote(state)}`),
        `${on ? 1 : 0}${end}`,
      );
    }
  }
  return text;
}

function formatValue(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** OpenMetrics wants whole bounds as `1.0`, for they are text: `1` would be another bucket. */
function formatBound(bound: number, open: boolean): string {
  const text = formatValue(bound);
  return open && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Milliseconds in text format, seconds in OpenMetrics. */
function formatTime(milliseconds: number, open: boolean): string {
  return ` ${open ? milliseconds / 1000 : milliseconds}`;
}
