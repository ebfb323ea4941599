import type { Family, LabelText, MetricType } from '../sample.ts';
import { type Escaping, escapeLabels, escapeMetric, needEscape } from './names.ts';

/** The families of one source. */
export interface SourceFamilies {
  readonly source: string;
  readonly families: readonly Family[];
}

/** Something of a source that has no place on the page beside what was there before. */
export interface Conflict {
  readonly source: string;
  readonly metric: string;
  readonly reason: 'conflict' | 'duplicate';
  readonly samples: number;
  readonly detail: string;
}

interface Merged {
  readonly pages: readonly Family[];
  readonly conflicts: readonly Conflict[];
}

/**
 * Joins the families of several sources, so that each name stands once on the page. What comes first
 * wins: of two equal points the later one is left out, and so is a later family whose points are of
 * another kind; counters, gauges and unknown numbers of one name stand together as unknown.
 * @param escaping by which the page will be written: two names may become one
 */
export function mergeFamilies(sources: readonly SourceFamilies[], escaping: Escaping): Merged {
  const kept = new Map<string, Family>();
  const names = new Map<string, string>();
  const conflicts: Conflict[] = [];
  for (const { source, families } of sources) {
    for (const original of families) {
      const name = escapeMetric(original.name, escaping);
      const refuse = (reason: Conflict['reason'], samples: number, detail: string) =>
        conflicts.push({ source, metric: name, reason, samples, detail });
      const family = escapeFamily(original, name, escaping);
      const lost = original.points.length - family.points.length;
      if (lost > 0) refuse('duplicate', lost, `has labels that are the same by ${escaping}`);
      const known = kept.get(name);
      const type = known === undefined ? family.type : commonType(known.type, family.type);
      if (type === undefined) {
        const detail = `is a ${known?.type} already, not a ${family.type}`;
        refuse('conflict', family.points.length, detail);
      } else if (known !== undefined) {
        const { joined, doubles } = joinFamilies(known, family, type);
        kept.set(name, joined);
        if (known.type !== family.type) {
          refuse('conflict', 0, `is ${known.type} and ${family.type}, and stands as ${type}`);
        }
        if (doubles > 0) refuse('duplicate', doubles, 'has points with the same labels');
      } else {
        const other = sampleNames(name, family).find((sample) => names.has(sample));
        if (other === undefined) {
          kept.set(name, family);
          for (const sample of sampleNames(name, family)) names.set(sample, name);
        } else {
          const detail = `has samples ${other}, as ${names.get(other)} has`;
          refuse('conflict', family.points.length, detail);
        }
      }
    }
  }
  return { pages: [...kept.values()], conflicts };
}

/** The names of the samples that a family writes. */
function sampleNames(name: string, { type }: Family): readonly string[] {
  if (type === 'histogram') return [name, `${name}_bucket`, `${name}_sum`, `${name}_count`];
  if (type === 'summary') return [name, `${name}_sum`, `${name}_count`];
  return [name];
}

/** Writes the labels of all points by the scheme, and leaves out those that are then alike. */
function escapeFamily(family: Family, name: string, escaping: Escaping): Family {
  if (!needEscape(family.labels, escaping)) return family;
  const seen = new Set<string>();
  const points = [...family.points].filter((_, at) => {
    const labels = escapeLabels(family.labels[at] ?? '', escaping);
    const clash = family.type === 'stateset' && `,${labels}`.includes(`,${name}="`);
    if (clash || seen.has(labels)) return false;
    seen.add(labels);
    return true;
  });
  return { ...family, labels: [...seen], points } as Family; // each point kept its kind
}

const valueTypes: readonly MetricType[] = ['counter', 'gauge', 'info', 'unknown'];

/** As what two types can stand together: numbers of several kinds are numbers of no known kind. */
function commonType(known: MetricType, added: MetricType): MetricType | undefined {
  if (known === added) return known;
  return valueTypes.includes(known) && valueTypes.includes(added) ? 'unknown' : undefined;
}

function joinFamilies(
  known: Family,
  added: Family,
  type: MetricType,
): { joined: Family; doubles: number } {
  const seen = new Set(known.labels);
  const isFresh = (labels: LabelText | undefined) => !seen.has(labels ?? '');
  const labels = [...known.labels, ...added.labels.filter(isFresh)];
  const fresh = [...added.points].filter((_, at) => isFresh(added.labels[at]));
  const help = known.help === '' ? added.help : known.help;
  // Both have points of one kind, as the caller has seen; a union of lists is no list of a union.
  const joined = { ...known, type, help, labels, points: [...known.points, ...fresh] } as Family;
  return { joined, doubles: added.points.length - fresh.length };
}
