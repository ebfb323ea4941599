import type {
  Family,
  HistogramPoint,
  LabelText,
  StateSetPoint,
  SummaryPoint,
  ValuePoint,
} from '../sample.ts';
import { isPlainMetric, quoteName } from './names.ts';
import { formatValue, type PageBuffer } from './page-buffer.ts';

/** How the lines of a series begin: without labels, and with some, which close the brace. */
export interface Series {
  readonly bare: Uint8Array;
  readonly open: Uint8Array;
}

export function beginSeries(name: string): Series {
  const [bare, open] = isPlainMetric(name)
    ? [`${name} `, `${name}{`]
    : [`{${quoteName(name)}} `, `{${quoteName(name)},`];
  return { bare: Buffer.from(bare), open: Buffer.from(open) };
}

/** How the points of a family are written. */
export interface Lines {
  readonly open: boolean;
  /** Only counters and buckets carry exemplars. */
  readonly exemplars: boolean;
  readonly name: string;
  /** Where `_created` goes; undefined where it has no place. */
  readonly created: Series | undefined;
}

/** What a family has of points, and the labels of each. */
interface Columns<P> {
  readonly labels: readonly LabelText[];
  readonly points: readonly P[];
}

export function writePoints(page: PageBuffer, family: Family, lines: Lines): void {
  switch (family.type) {
    case 'histogram':
      writeHistograms(page, family, lines);
      break;
    case 'summary':
      writeSummaries(page, family, lines);
      break;
    case 'stateset':
      writeStateSets(page, family, lines);
      break;
    default:
      writeValues(page, family, lines);
  }
}

/** @param end what comes behind the value, the line end included */
function writeLine(
  page: PageBuffer,
  series: Series,
  labels: LabelText,
  value: number,
  end: string,
): void {
  page.sample(labels === '' ? series.bare : series.open, labels, value, end);
}

function addLabel(labels: LabelText, label: string): LabelText {
  return labels === '' ? label : `${labels},${label}`;
}

function writeValues(
  page: PageBuffer,
  { labels: sets, points }: Columns<ValuePoint>,
  { open, exemplars, name, created: born }: Lines,
): void {
  const series = beginSeries(name);
  for (let at = 0; at < points.length; at++) {
    const labels = sets[at] as LabelText;
    const point = points[at] as ValuePoint;
    if (typeof point === 'number') {
      writeLine(page, series, labels, point, '\n');
      continue;
    }
    const { value, timestamp, created, exemplar } = point;
    const end = endLine(timestamp, open, exemplars ? exemplar : undefined);
    writeLine(page, series, labels, value, end);
    writeCreated(page, born, labels, created);
  }
}

function writeCreated(
  page: PageBuffer,
  series: Series | undefined,
  labels: LabelText,
  created: number | undefined,
): void {
  if (created !== undefined && series !== undefined) {
    writeLine(page, series, labels, created, '\n');
  }
}

function writeHistograms(
  page: PageBuffer,
  { labels: sets, points }: Columns<HistogramPoint>,
  { open, exemplars, name, created: born }: Lines,
): void {
  const bucketOf = beginSeries(`${name}_bucket`);
  const sumOf = beginSeries(`${name}_sum`);
  const countOf = beginSeries(`${name}_count`);
  points.forEach(({ buckets, sum, timestamp, created }, place) => {
    const labels = sets[place] ?? '';
    for (const { bound, count, exemplar } of buckets) {
      const within = addLabel(labels, `le="${formatBound(bound, open)}"`);
      const end = endLine(timestamp, open, exemplars ? exemplar : undefined);
      writeLine(page, bucketOf, within, count, end);
    }
    if (sum !== undefined) {
      const count = buckets.at(-1)?.count ?? 0;
      const end = endLine(timestamp, open);
      writeLine(page, sumOf, labels, sum, end);
      writeLine(page, countOf, labels, count, end);
    }
    writeCreated(page, born, labels, created);
  });
}

function writeSummaries(
  page: PageBuffer,
  { labels: sets, points }: Columns<SummaryPoint>,
  { open, name, created: born }: Lines,
): void {
  const quantileOf = beginSeries(name);
  const sumOf = beginSeries(`${name}_sum`);
  const countOf = beginSeries(`${name}_count`);
  points.forEach(({ quantiles, sum, count, timestamp, created }, place) => {
    const labels = sets[place] ?? '';
    const end = endLine(timestamp, open);
    for (const { quantile, value } of quantiles) {
      const within = addLabel(labels, `quantile="${formatBound(quantile, open)}"`);
      writeLine(page, quantileOf, within, value, end);
    }
    if (sum !== undefined) writeLine(page, sumOf, labels, sum, end);
    if (count !== undefined) writeLine(page, countOf, labels, count, end);
    writeCreated(page, born, labels, created);
  });
}

function writeStateSets(
  page: PageBuffer,
  { labels: sets, points }: Columns<StateSetPoint>,
  { open, name }: Lines,
): void {
  const series = beginSeries(name);
  const label = isPlainMetric(name) && !name.includes(':') ? name : quoteName(name);
  points.forEach(({ states, timestamp }, place) => {
    const labels = sets[place] ?? '';
    const end = endLine(timestamp, open);
    for (const { state, on } of states) {
      const within = addLabel(labels, `${label}=${quoteName(state)}`);
      writeLine(page, series, within, on ? 1 : 0, end);
    }
  });
}

/** OpenMetrics wants whole bounds as `1.0`, for they are text: `1` would be another bucket. */
function formatBound(bound: number, open: boolean): string {
  const text = formatValue(bound);
  return open && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** What comes behind a value. Time is in milliseconds in text format, in seconds in OpenMetrics. */
function endLine(timestamp: number | undefined, open: boolean, exemplar?: string): string {
  if (timestamp === undefined && exemplar === undefined) return '\n';
  const time = timestamp === undefined ? '' : ` ${open ? timestamp / 1000 : timestamp}`;
  return exemplar === undefined ? `${time}\n` : `${time} # ${exemplar}\n`;
}
