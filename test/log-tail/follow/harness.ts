import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createLogger } from '../../../sidecars/core/logger.ts';
import { createMetrics, type Metrics } from '../../../sidecars/core/metrics.ts';
import { logTailSchema } from '../../../sidecars/log-tail/config.ts';
import { createFollower, type Follower } from '../../../sidecars/log-tail/follow/follower.ts';
import { createFollowMetrics } from '../../../sidecars/log-tail/metrics.ts';
import type { Lines } from '../../../sidecars/log-tail/record.ts';
import { awaitUntil } from '../../await-until.ts';

/** What one run of lines was, with its bytes kept. */
export type Taken = Omit<Lines, 'bytes'> & { readonly text: string };

export interface Followed {
  readonly follower: Follower;
  readonly metrics: Metrics;
  readonly taken: Taken[];
  /** Everything that came, in order, without line ends. */
  lines(): string[];
  /** Waits until so many lines came. */
  until(count: number): Promise<void>;
  /** The value of an own metric, summed over the label sets that have all of `labels`. */
  metric(name: string, labels?: Record<string, string>): Promise<number>;
  /** Ends as at SIGTERM. */
  end(): Promise<readonly string[]>;
  /** Ends as by kill -9: nothing more is saved. */
  abandon(): void;
}

export interface FollowOptions {
  readonly input?: Record<string, unknown>;
  readonly section?: Record<string, unknown>;
  /** Whether what comes is acknowledged at once; true without it. */
  readonly acknowledge?: boolean;
  /** Says whether the consumer has room after taking. */
  readonly take?: (lines: Lines) => boolean;
}

/** A directory of its own for each test. */
export function makeDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'podmates-follow-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Follows `*.log` in a directory, with what it hands on kept. */
export async function follow(
  t: TestContext,
  directory: string,
  { input, section, acknowledge = true, take = () => true }: FollowOptions = {},
): Promise<Followed> {
  const paths = [join(directory, '*.log')];
  const config = logTailSchema.parse({
    inputs: {
      app: { ...(input && ('stdin' in input || 'pipe' in input) ? {} : { paths }), ...input },
    },
    checkpoint: { every: '50ms' },
    ...section,
  });
  const metrics = createMetrics('log-tail');
  const followMetrics = createFollowMetrics(metrics);
  followMetrics.introduce(['app']);
  const taken: Taken[] = [];
  const follower = createFollower({
    inputs: config.inputs,
    state: config.state,
    checkpointEveryMs: config.checkpoint.every,
    maxOpenFiles: config.maxOpenFiles,
    metrics: followMetrics,
    logger: await createLogger({ name: 'test', level: 'silent', format: 'json' }),
    consumer: {
      take(lines) {
        const { bytes, ...rest } = lines;
        taken.push({ ...rest, text: bytes.toString('utf8') });
        if (acknowledge) follower.acknowledge(lines.file, lines.next);
        return take(lines);
      },
    },
  });
  let over = false;
  const end = async () => {
    if (over) return [];
    over = true;
    const left = await follower.settle(50, AbortSignal.timeout(1000));
    await follower.close();
    return left;
  };
  const abandon = () => {
    over = true;
  };
  t.after(end);
  await follower.start();
  return watchFollower({ follower, metrics, taken, end, abandon });
}

function watchFollower(
  parts: Pick<Followed, 'follower' | 'metrics' | 'taken' | 'end' | 'abandon'>,
): Followed {
  const { taken, metrics } = parts;
  const lines = () => taken.flatMap(({ text }) => text.replace(/\n$/, '').split('\n'));
  return {
    ...parts,
    lines,
    async until(count) {
      await awaitUntil(() => lines().length >= count, { what: `${count} lines` });
    },
    async metric(name, labels = {}) {
      const page = await metrics.render();
      const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
      const rows = page
        .split('\n')
        .filter((row) => row.startsWith(`${name}{`) || row.startsWith(`${name} `));
      const matching = rows.filter((row) => wanted.every((label) => row.includes(label)));
      if (rows.length === 0) throw new Error(`no metric ${name}`);
      return matching.reduce((sum, row) => sum + Number(row.slice(row.lastIndexOf(' '))), 0);
    },
  };
}

/** Numbered lines, the n-th being `L<n>` and what `pad` adds. */
export function numbered(from: number, to: number, pad = ''): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => `L${from + at}${pad}`);
}

export function append(path: string, lines: readonly string[]): void {
  appendFileSync(path, lines.map((line) => `${line}\n`).join(''));
}

export function read(path: string): string {
  return readFileSync(path, 'utf8');
}
