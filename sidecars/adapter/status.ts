import type { StatusSection } from '../core/admin/status.ts';
import type { Pipeline } from './pipeline.ts';

/** What the page for people shows: each source, and what its last scrape brought. */
export function statusOf({ sources, last }: Pipeline): readonly StatusSection[] {
  const rows = sources.map(({ name, config }) => {
    const place = config.url?.replace(/\?.*$/s, '') ?? config.file ?? config.module ?? '';
    const outcome = last.get(name);
    if (outcome === undefined) return [name, place, 'not asked yet', '', '', ''];
    const { collected, error } = outcome;
    if (collected === undefined)
      return [name, place, `failed: ${error?.message ?? ''}`, '', '', ''];
    const { families, seconds, bytes } = collected;
    const points = families.reduce((sum, { points: { length } }) => sum + length, 0);
    return [
      name,
      place,
      'well',
      families.length,
      points,
      `${Math.round(seconds * 1e3)} ms, ${bytes} bytes`,
    ];
  });
  const columns = ['source', 'from', 'last scrape', 'metrics', 'points', 'took'];
  return [{ title: 'Sources', columns, rows, empty: 'No sources.' }];
}
