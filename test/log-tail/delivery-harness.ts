import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createLogger } from '../../sidecars/core/logger.ts';
import { createMetrics, type Metrics } from '../../sidecars/core/metrics.ts';
import { logTailSchema } from '../../sidecars/log-tail/config.ts';
import { createDelivery, type Delivery } from '../../sidecars/log-tail/delivery.ts';
import { awaitUntil } from '../await-until.ts';

export type Section = Record<string, unknown>;

/** A delivery with what a follower would do around it. */
export interface Delivered {
  readonly delivery: Delivery;
  readonly metrics: Metrics;
  /** Gives whole lines (or bytes) of a file, as the follower would. @returns whether there is room */
  give(lines: string | Buffer, options?: GiveOptions): boolean;
  /** Up to where a file is acknowledged. */
  acknowledged(file?: string): number;
  /** How much of a file was given. */
  given(file?: string): number;
  /** Waits until all that was given of a file is acknowledged. */
  untilAcknowledged(file?: string): Promise<void>;
  /** How often it said that there is room again. */
  resumed(): number;
  failures(): readonly unknown[];
  reload(section: Section): Promise<void>;
  metric(name: string, labels?: Record<string, string>): Promise<number>;
}

export interface GiveOptions {
  /** Also its path. */
  readonly file?: string;
  /** When another file stands at the path of an earlier one. */
  readonly path?: string;
  readonly input?: string;
  readonly partial?: boolean;
}

export function makeDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'podmates-deliver-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const parse = (section: Section) =>
  logTailSchema.parse({ inputs: { app: { paths: ['/unused'] } }, ...section });

/** Starts a delivery of the given section; it ends with the test. */
export async function deliver(t: TestContext, section: Section): Promise<Delivered> {
  const metrics = createMetrics('log-tail');
  const acknowledgements = new Map<string, number>();
  const ends = new Map<string, number>();
  const failures: unknown[] = [];
  let resumed = 0;
  const delivery = createDelivery(parse(section), {
    logger: await createLogger({ name: 'test', level: 'silent', format: 'json' }),
    metrics,
    acknowledge: ({ id }, offset) => {
      const before = acknowledgements.get(id) ?? 0;
      if (offset <= before) failures.push(new Error(`${id}: ${offset} after ${before}`));
      acknowledgements.set(id, offset);
    },
    resume: () => {
      resumed += 1;
    },
    fail: (error) => void failures.push(error),
  });
  t.after(() => delivery.close());
  await delivery.start();
  const acknowledged = (file = 'app.log') => acknowledgements.get(file) ?? 0;
  const given = (file = 'app.log') => ends.get(file) ?? 0;
  return {
    delivery,
    metrics,
    acknowledged,
    given,
    resumed: () => resumed,
    failures: () => failures,
    give(lines, { file = 'app.log', path = file, input = 'app', partial = false } = {}) {
      const bytes = Buffer.from(lines);
      const offset = given(file);
      const next = offset + bytes.length;
      ends.set(file, next);
      const count = bytes.filter((byte) => byte === 10).length + (partial ? 1 : 0);
      const taken = { file: { id: file, path, input }, offset, next, count, partial, cut: 0 };
      const memory = Buffer.from(bytes);
      const room = delivery.take({ ...taken, bytes: memory });
      memory.fill(0x58); // the follower uses its memory again
      return room;
    },
    untilAcknowledged: async (file) => {
      await awaitUntil(() => acknowledged(file) === given(file), {
        what: `${file ?? 'app.log'} acknowledged up to ${given(file)}`,
      });
    },
    reload: (changed) => delivery.reload(parse(changed)),
    metric: (name, labels = {}) => readMetric(metrics, name, labels),
  };
}

/** The value of a metric, summed over the label sets that have all of `labels`. */
export async function readMetric(
  metrics: Metrics,
  name: string,
  labels: Record<string, string>,
): Promise<number> {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  const rows = (await metrics.render())
    .split('\n')
    .filter((row) => row.startsWith(`${name}{`) || row.startsWith(`${name} `))
    .filter((row) => wanted.every((label) => row.includes(label)));
  if (rows.length === 0) throw new Error(`no metric ${name} with ${wanted.join(' ')}`);
  return rows.reduce((sum, row) => sum + Number(row.slice(row.lastIndexOf(' ') + 1)), 0);
}
