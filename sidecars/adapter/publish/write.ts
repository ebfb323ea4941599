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

/** Joins what stands before a value: `name{labels} `. */
type Head = (suffix: string, labels: LabelText, extra?: string) => string;

function writeFamily(family: Family, format: Format, taken: Set<string>): string {
  const open = format.kind === 'openmetrics';
  const name = escapeMetric(family.name, format.escaping);
  const { stem, type } = open
    ? openStem(name, family.type, taken)
    : { stem: name, type: family.type };
  taken.add(stem);
  const lines: Lines = {
    open,
    head: createHead(name),
    created:
      open && type === family.type && !taken.has(`${stem}_created`) ? createHead(stem) : undefined,
    stateLabel: name,
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

function createHead(name: string): Head {
  const plain = isPlainMetric(name);
  return (suffix, labels, extra = '') => {
    const inside = extra === '' ? labels : labels === '' ? extra : `${labels},${extra}`;
    if (plain) return inside === '' ? `${name}${suffix} ` : `${name}${suffix}{${inside}} `;
    const quoted = quote(name + suffix);
    return inside === '' ? `{${quoted}} ` : `{${quoted},${inside}} `;
  };
}

interface Lines {
  readonly open: boolean;
  readonly head: Head;
  /** Writes `_created`; undefined where that has no place. */
  readonly created: Head | undefined;
  readonly stateLabel: string;
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
  { open, head, created: createdHead }: Lines,
): string {
  let text = '';
  for (const { labels, value, timestamp, created, exemplar } of points) {
    text += head('', labels) + formatValue(value);
    if (timestamp !== undefined) text += formatTime(timestamp, open);
    if (exemplar !== undefined && open) text += ` # ${exemplar}`;
    text += '\n';
    if (created !== undefined) text += writeCreated(createdHead, labels, created);
  }
  return text;
}

function writeCreated(
  head: Head | undefined,
  labels: LabelText,
  created: number | undefined,
): string {
  if (created === undefined || head === undefined) return '';
  return `${head('_created', labels)}${formatValue(created)}\n`;
}

function writeHistograms(
  points: readonly HistogramPoint[],
  { open, head, created: createdHead }: Lines,
): string {
  let text = '';
  for (const { labels, buckets, sum, timestamp, created } of points) {
    const time = timestamp === undefined ? '' : formatTime(timestamp, open);
    const end = `${time}\n`;
    for (const { bound, count, exemplar } of buckets) {
      const tail = exemplar !== undefined && open ? `${time} # ${exemplar}\n` : end;
      const edge = `le="${formatBound(bound, open)}"`;
      text += head('_bucket', labels, edge) + formatValue(count) + tail;
    }
    if (sum !== undefined) {
      text += head('_sum', labels) + formatValue(sum) + end;
      text += head('_count', labels) + formatValue(buckets.at(-1)?.count ?? 0) + end;
    }
    text += writeCreated(createdHead, labels, created);
  }
  return text;
}

function writeSummaries(
  points: readonly SummaryPoint[],
  { open, head, created: createdHead }: Lines,
): string {
  let text = '';
  for (const { labels, quantiles, sum, count, timestamp, created } of points) {
    const end = timestamp === undefined ? '\n' : `${formatTime(timestamp, open)}\n`;
    for (const { quantile, value } of quantiles) {
      const edge = `quantile="${formatBound(quantile, open)}"`;
      text += head('', labels, edge) + formatValue(value) + end;
    }
    if (sum !== undefined) text += head('_sum', labels) + formatValue(sum) + end;
    if (count !== undefined) text += head('_count', labels) + formatValue(count) + end;
    text += writeCreated(createdHead, labels, created);
  }
  return text;
}

function writeStateSets(
  points: readonly StateSetPoint[],
  { open, head, stateLabel }: Lines,
): string {
  const name =
    isPlainMetric(stateLabel) && !stateLabel.includes(':') ? stateLabel : quote(stateLabel);
  let text = '';
  for (const { labels, states, timestamp } of points) {
    const end = timestamp === undefined ? '\n' : `${formatTime(timestamp, open)}\n`;
    for (const { state, on } of states) {
      text += `${head('', labels, `${name}=${quote(state)}`)}${on ? 1 : 0}${end}`;
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
