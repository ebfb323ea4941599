import { readLine } from '../../map/exposition/line.ts';

/** Something wrong with a page: an error loses data or the page, a warning is bad style. */
export interface Finding {
  /** Counts from 1. */
  readonly line: number;
  readonly metric: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export interface LintedSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  readonly line: number;
}

/** A family as it stands on a page. */
export interface LintedFamily {
  readonly name: string;
  type: string;
  help: string;
  readonly line: number;
  readonly samples: LintedSample[];
}

export interface LintedPage {
  readonly families: readonly LintedFamily[];
  readonly findings: readonly Finding[];
}

/**
 * Reads a page in text format 0.0.4 and finds what costs data: lines that Prometheus cannot read
 * (the whole page is lost), samples that stand twice (the second is lost without a word), families
 * in several places.
 */
export function readPage(text: string): LintedPage {
  const families = new Map<string, LintedFamily>();
  const findings: Finding[] = [];
  const seen = new Map<string, number>();
  let open: LintedFamily | undefined;
  const error = (line: number, metric: string, message: string) =>
    findings.push({ line, metric, severity: 'error', message });

  const enter = (name: string, line: number): LintedFamily => {
    if (open?.name === name) return open;
    const known = families.get(name);
    if (known !== undefined)
      error(line, name, `the family goes on here; it began at line ${known.line}`);
    open = known ?? { name, type: 'untyped', help: '', line, samples: [] };
    families.set(name, open);
    return open;
  };
  text.split('\n').forEach((content, index) => {
    const line = index + 1;
    const read = readLine(content, false);
    if (read.kind === 'fault') error(line, '', `Prometheus refuses the page: ${read.fault}`);
    if (read.kind === 'help') enter(read.name, line).help = read.text;
    if (read.kind === 'type') {
      const family = enter(read.name, line);
      if (family.samples.length > 0) error(line, read.name, 'TYPE stands behind its samples');
      family.type = read.text;
    }
    if (read.kind !== 'sample') return;
    const family = enter(familyOf(read.name, open, families), line);
    family.samples.push({ ...read, line });
    const key = `${read.name}{${[...read.labels].sort().join('\0')}}`;
    const before = seen.get(key);
    if (before !== undefined) error(line, read.name, `the same sample stands at line ${before}`);
    seen.set(key, before ?? line);
  });
  if (text !== '' && !text.endsWith('\n'))
    error(text.split('\n').length, '', 'no line end at the end');
  return { families: [...families.values()], findings };
}

/** `x_bucket` belongs to the histogram `x`, if there is one. */
function familyOf(
  name: string,
  open: LintedFamily | undefined,
  families: ReadonlyMap<string, LintedFamily>,
): string {
  const [, stem, suffix] = /^(.+)_(bucket|sum|count)$/.exec(name) ?? [];
  if (stem === undefined || families.has(name)) return name;
  const family = open?.name === stem ? open : families.get(stem);
  if (family?.type === 'histogram') return stem;
  return family?.type === 'summary' && suffix !== 'bucket' ? stem : name;
}
