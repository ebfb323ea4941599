import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { numberOf, readNumbers } from './numbered-lines.ts';
import type { Random } from './random.ts';
import type { ReaderProcess } from './reader-process.ts';
import type { UnreliableReceiver } from './unreliable-receiver.ts';
import type { Writer } from './writer.ts';

/** One life of a volume with an app that writes and rotates, and a log-tail that is treated badly. */
export interface Scene {
  readonly random: Random;
  readonly writer: Writer;
  readonly state: string;
  /** The file that standard output goes to. */
  readonly output: string;
  readonly receiver: UnreliableReceiver;
  reader: ReaderProcess | undefined;
  /** Line numbers that may come twice. */
  readonly maybeTwice: Set<number>;
  /** How long the output was at which time, to tell what came before a checkpoint. */
  readonly growth: { at: number; size: number }[];
  start(): Promise<ReaderProcess>;
  readonly log: string[];
}

/** What came out at each output so far. */
export function delivered({
  output,
  receiver,
}: Scene): Readonly<Record<'stdout' | 'http', readonly string[]>> {
  return {
    stdout: readFileSync(output, 'utf8').split('\n').slice(0, -1),
    http: receiver.taken.map(({ line }) => line),
  };
}

export const numbersAt = (lines: readonly string[]) => new Set(readNumbers(lines).numbers);
/** Behind a kill, what not every output had taken before the last checkpoint may come again. */
export function noteUnacknowledged(scene: Scene): void {
  const file = join(scene.state, 'checkpoint');
  // The state of the files is taken a little before the file is written; scheduling adds to that.
  const at = existsSync(file) ? statSync(file).mtimeMs - 250 : 0;
  const before = scene.growth.findLast((mark) => mark.at <= at)?.size ?? 0;
  const text = readFileSync(scene.output).subarray(before).toString('utf8');
  for (const line of text.split('\n')) scene.maybeTwice.add(numberOf(line) ?? 0);
  const { taken } = scene.receiver;
  const safe = taken.filter(
    ({ acknowledgedAt = Number.POSITIVE_INFINITY }) => acknowledgedAt <= at,
  );
  const acknowledged = numbersAt(safe.map(({ line }) => line));
  for (const lines of Object.values(delivered(scene))) {
    for (const number of numbersAt(lines)) {
      if (!acknowledged.has(number)) scene.maybeTwice.add(number);
    }
  }
}
