import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { awaitUntil } from '../await-until.ts';
import { createRandom, type Random } from './random.ts';
import { type ReaderProcess, startReader } from './reader-process.ts';
import { createWriter, type Writer } from './writer.ts';

const seed = Number(process.env['PODMATES_TORTURE_SEED'] ?? Date.now() % 1_000_000);
const only = process.env['PODMATES_TORTURE_ONLY']?.split(',').map(Number);
const runs = Number(process.env['PODMATES_TORTURE_RUNS'] ?? 200);
const parallel = 4; // mostly they wait

/** One life of a volume with an app that writes and rotates, and a log-tail that is treated badly. */
interface Scene {
  readonly random: Random;
  readonly writer: Writer;
  readonly state: string;
  readonly output: string;
  reader: ReaderProcess | undefined;
  /** Line numbers that may come twice. */
  readonly maybeTwice: Set<number>;
  /** How long the output was at which time, to tell what came before a checkpoint. */
  readonly growth: { at: number; size: number }[];
  readonly start: () => Promise<ReaderProcess>;
  readonly log: string[];
}

const numberOf = (line: string) => {
  const match = /^W(\d+) (?:abcdefghij)*#(\d+)$/.exec(line);
  return match !== null && match[1] === match[2] ? Number(match[1]) : undefined;
};
const delivered = ({ output }: Scene) => readFileSync(output, 'utf8').split('\n').slice(0, -1);

/**
 * The numbers that came, in order. A SIGTERM hands an unfinished line on, and its rest comes as a
 * line of its own: together they are one. A kill can tear the line that is being written, and
 * what a lost checkpoint knew is read again: such a line comes again whole.
 */
function readNumbers(lines: readonly string[]): { numbers: number[]; torn: string[] } {
  const numbers: number[] = [];
  const torn: string[] = [];
  let begun: string[] = [];
  for (const line of lines) {
    const number = numberOf(line);
    const start = begun.find((piece) => numberOf(piece + line) !== undefined);
    if (number !== undefined) numbers.push(number);
    else if (start === undefined) begun.push(line);
    else {
      numbers.push(numberOf(start + line) ?? 0);
      begun = begun.filter((piece) => piece !== start);
    }
  }
  torn.push(...begun.filter((piece) => piece !== '')); // a line end whose line came before it
  return { numbers, torn };
}

const isCaughtUp = (scene: Scene) =>
  new Set(readNumbers(delivered(scene)).numbers).size >= scene.writer.count();

async function catchUp(scene: Scene): Promise<void> {
  scene.writer.append(1); // ends a half line
  scene.reader ??= await scene.start();
  const what = 'the reader to catch up';
  await awaitUntil(() => isCaughtUp(scene), { timeoutMs: 15_000, what }).catch((error) => {
    const { numbers, torn } = readNumbers(delivered(scene));
    throw new Error(`missing ${missing(scene, new Set(numbers))}; torn ${torn.join(' | ')}`, {
      cause: error,
    });
  });
}

function missing({ writer }: Scene, seen: ReadonlySet<number>): number[] {
  const all = Array.from({ length: writer.count() }, (_, at) => at + 1);
  return all.filter((number) => !seen.has(number));
}

const actions: Readonly<Record<string, (scene: Scene) => Promise<void> | void>> = {
  append: ({ writer, random }) => writer.append(1 + random.below(400)),
  appendFew: ({ writer, random }) => writer.append(1 + random.below(3)),
  appendHalf: ({ writer }) => writer.appendHalf(),
  wait: ({ random }) => pause(random.below(40)),
  rename: ({ writer }) => writer.rename(),
  renameLate: ({ writer }) => writer.renameLate(),
  copyTruncate: ({ writer }) => writer.copyTruncate(),
  compress: ({ writer }) => writer.compress(),
  async truncate(scene) {
    await catchUp(scene);
    scene.writer.truncate();
  },
  async remove(scene) {
    await catchUp(scene);
    scene.writer.remove();
  },
  async kill(scene) {
    const { reader } = scene;
    if (reader === undefined) return;
    scene.reader = undefined;
    await reader.stop('SIGKILL');
    noteUnacknowledged(scene);
  },
  async terminate(scene) {
    const { reader } = scene;
    if (reader === undefined) return;
    scene.reader = undefined;
    assert.equal(await reader.stop('SIGTERM'), 0, reader.said.slice(-4).join('\n'));
  },
  async start(scene) {
    scene.reader ??= await scene.start();
  },
  async freeze({ reader, random }) {
    reader?.child.kill('SIGSTOP');
    await pause(random.below(60));
    reader?.child.kill('SIGCONT');
  },
  garble(scene) {
    const file = join(scene.state, 'checkpoint');
    if (scene.reader !== undefined || !existsSync(file)) return;
    truncateSync(file, scene.random.below(statSync(file).size));
    for (const line of delivered(scene)) scene.maybeTwice.add(numberOf(line) ?? 0);
  },
};

/** Behind a kill, what came out after the last checkpoint may come again. */
function noteUnacknowledged(scene: Scene): void {
  const file = join(scene.state, 'checkpoint');
  // The state of the files is taken a little before the file is written; scheduling adds to that.
  const at = existsSync(file) ? statSync(file).mtimeMs - 250 : 0;
  const before = scene.growth.findLast((mark) => mark.at <= at)?.size ?? 0;
  const text = readFileSync(scene.output).subarray(before).toString('utf8');
  for (const line of text.split('\n')) scene.maybeTwice.add(numberOf(line) ?? 0);
}

async function play(run: number, random: Random, directory: string): Promise<void> {
  const output = join(directory, 'output');
  const state = join(directory, 'state');
  const fd = openSync(output, 'a');
  const config = {
    state,
    inputs: { app: { paths: [join(directory, 'app.log')], grace: '300ms' } },
    checkpoint: { every: '100ms' },
    shutdown: { quiet: '30ms' },
    admin: false,
  };
  const scene: Scene = {
    random,
    state,
    output,
    writer: createWriter(join(directory, 'app.log'), random),
    reader: undefined,
    maybeTwice: new Set(),
    growth: [],
    start: () => startReader(config, fd),
    log: [],
  };
  const sampling = setInterval(() => {
    scene.growth.push({ at: Date.now(), size: statSync(output).size });
  }, 20);
  try {
    await actions['start']?.(scene);
    const names = [
      ...Object.keys(actions),
      'append',
      'append',
      'append',
      'wait',
      'wait',
      'start',
      'start',
    ];
    for (let step = 0; step < 25; step++) {
      const name = random.pick(names);
      scene.log.push(name);
      await actions[name]?.(scene);
    }
    await catchUp(scene);
    await actions['terminate']?.(scene);
    judge(scene);
  } catch (error) {
    const said = scene.reader?.said.slice(-6).join('\n') ?? '';
    const what = `run ${run} of seed ${seed}: ${scene.log.join(' ')}\n${said}`;
    throw new Error(what, { cause: error });
  } finally {
    clearInterval(sampling);
    await scene.reader?.stop('SIGKILL');
    closeSync(fd);
  }
}

function judge(scene: Scene): void {
  const { numbers, torn } = readNumbers(delivered(scene));
  const seen = new Set(numbers);
  const order = [...seen];
  const twice = numbers.filter((number, at) => numbers.indexOf(number) !== at);
  assert.deepEqual(missing(scene, seen), [], 'missing');
  assert.deepEqual(
    twice.filter((number) => !scene.maybeTwice.has(number)),
    [],
    'twice',
  );
  const kills = scene.log.filter((name) => name === 'kill' || name === 'garble').length;
  assert.ok(torn.length <= kills, `torn: ${torn.join(' | ')}`);
  // An archive, and a copy of what was truncated before a look at it, are found behind what is newer.
  const disorders = ['compress', 'copyTruncate'];
  if (!scene.log.some((name) => disorders.includes(name))) {
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
      'order',
    );
  }
}

/** The message, and the beginning of its cause's. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message.slice(0, 1500) : '';
  return `${error.message}: ${cause}`;
}

test(`${runs} random lives, seed ${seed}`, { timeout: 14 * 60_000 }, async (t) => {
  t.diagnostic(`repeat with PODMATES_TORTURE_SEED=${seed} PODMATES_TORTURE_RUNS=${runs}`);
  let next = 0;
  const failures: string[] = [];
  const lane = async () => {
    for (let run = next++; run < runs; run = next++) {
      if (only !== undefined && !only.includes(run)) continue;
      const directory = mkdtempSync(join(tmpdir(), 'podmates-torture-'));
      await play(run, createRandom(seed * 1000 + run), directory).catch((error: unknown) => {
        failures.push(describe(error));
        t.diagnostic(failures.at(-1) ?? '');
      });
      rmSync(directory, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  assert.deepEqual(failures, []);
});
