import { mergeFamilies } from '../publish/merge.ts';
import type { Format } from '../publish/negotiate.ts';
import { encodePage } from '../publish/write.ts';
import type { Family } from '../sample.ts';

export interface ProbeResult {
  readonly success: boolean;
  readonly seconds: number;
  readonly dropped: number;
}

/** The page of one probe, with the metrics that every prober has. */
export function writeProbePage(
  families: readonly Family[],
  { success, seconds, dropped }: ProbeResult,
  format: Format,
): Buffer {
  const own: readonly Family[] = [
    gauge('probe_success', 'Whether the target answered and could be understood.', success ? 1 : 0),
    gauge('probe_duration_seconds', 'How long the probe took, in seconds.', seconds),
    gauge('probe_samples_dropped', 'Samples that could not stand on the page.', dropped),
  ];
  const { pages } = mergeFamilies(
    [
      { source: 'probe', families: own },
      { source: 'target', families },
    ],
    format.escaping,
  );
  return encodePage(pages, format);
}

function gauge(name: string, help: string, value: number): Family {
  return { name, help, type: 'gauge', labels: [''], points: [value] };
}
