import type { Family, MetricType } from '../sample.ts';
import { escapeMetric, isPlainMetric, quoteName } from './names.ts';
import type { Format } from './negotiate.ts';
import { createPageBuffer, type PageBuffer } from './page-buffer.ts';
import { beginSeries, writePoints } from './write-points.ts';

/**
 * Writes families as a page. What comes in is merged: no name twice, no two points of a family alike,
 * labels in the scheme of the format.
 *
 * Text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
 * OpenMetrics 1.0: https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function encodePage(families: readonly Family[], format: Format): Buffer {
  const taken = new Set(families.map(({ name }) => escapeMetric(name, format.escaping)));
  const page = createPageBuffer(families.reduce((size, family) => size + guessSize(family), 64));
  for (const family of families) writeFamily(page, family, format, taken);
  if (format.kind === 'openmetrics') page.text('# EOF\n');
  return page.bytes();
}

/** The page of {@link encodePage} as text. */
export function writePage(families: readonly Family[], format: Format): string {
  return encodePage(families, format).toString('utf8');
}

/** About as many bytes as a family takes: rows that an app counts grow longer to the end. */
function guessSize({ name, help, labels }: Family): number {
  const longest = labels.at(-1)?.length ?? 0;
  return help.length + 3 * name.length + 64 + labels.length * (name.length + longest + 16);
}

function writeFamily(page: PageBuffer, family: Family, format: Format, taken: Set<string>): void {
  const open = format.kind === 'openmetrics';
  const name = escapeMetric(family.name, format.escaping);
  const { stem, type } = open
    ? openStem(name, family.type, taken)
    : { stem: name, type: family.type };
  taken.add(stem);
  page.text(writeComments(family, stem, type, open));
  writePoints(page, family, {
    open,
    exemplars: open && type === family.type && type !== 'unknown',
    name,
    created:
      open && type === family.type && !taken.has(`${stem}_created`)
        ? beginSeries(`${stem}_created`)
        : undefined,
  });
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
  const name = isPlainMetric(stem) ? stem : quoteName(stem);
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
