import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { awaitUntil } from '../await-until.ts';
import { judge } from './judge.ts';
import { missing, numberOf, readNumbers } from './numbered-lines.ts';
import { createRandom, type Random } from './random.ts';
import { startReader } from './reader-process.ts';
import { delivered, noteUnacknowledged, numbersAt, type Scene } from './scene.ts';
import { createUnreliableReceiver, receiverWays } from './unreliable-receiver.ts';
import { createWriter } from './writer.ts';

const seed = Number(process.env['PODMATES_TORTURE_SEED'] ?? Date.now() % 1_000_000);
const only = process.env['PODMATES_TORTURE_ONLY']?.split(',').map(Number);
const runs = Number(process.env['PODMATES_TORTURE_RUNS'] ?? 200);
const parallel = 4; // mostly they wait

/** How often the receiver did what. */
type Tally = ReadonlyMap<string, number>;

const isCaughtUp = (scene: Scene) =>
  Object.values(delivered(scene)).every((lines) => numbersAt(lines).size >= scene.writer.count());

async function catchUp(scene: Scene): Promise<void> {
  scene.writer.append(1); // ends a half line
  await scene.receiver.up();
  scene.reader ??= await scene.start();
  const what = 'the reader to catch up';
  await awaitUntil(() => isCaughtUp(scene), { timeoutMs: 15_000, what }).catch((error) => {
    const left = Object.entries(delivered(scene)).map(([name, lines]) => {
      const { torn } = readNumbers(lines);
      const gone = missing(scene.writer.count(), numbersAt(lines));
      return `${name}: missing ${gone}; torn ${torn.join(' | ')}`;
    });
    throw new Error(left.join('\n'), { cause: error });
  });
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
    const code = await reader.stop('SIGTERM');
    // An output that cannot be reached is waited for until the deadline; then it says what is left.
    if (code === 1 && !scene.receiver.isUp()) {
      scene.log.push('(unsent)');
      noteUnacknowledged(scene);
      return;
    }
    assert.equal(code, 0, reader.said.slice(-4).join('\n'));
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
    for (const lines of Object.values(delivered(scene))) {
      for (const line of lines) scene.maybeTwice.add(numberOf(line) ?? 0);
    }
  },
  down: ({ receiver }) => receiver.down(),
  up: ({ receiver }) => receiver.up(),
};

/** @returns what the receiver did, so that a run without failures shows */
async function play(run: number, random: Random, directory: string): Promise<Tally> {
  const output = join(directory, 'output');
  const state = join(directory, 'state');
  const fd = openSync(output, 'a');
  const receiver = await createUnreliableReceiver(createRandom(random.below(2 ** 32)));
  const http = {
    type: 'http',
    url: receiver.url,
    required: true,
    batch: { bytes: random.pick(['8KiB', '64KiB']), wait: '20ms' },
    queue: { bytes: random.pick(['16KiB', '1MiB']) },
    retry: { min: '10ms', max: '50ms' },
    timeout: '2s',
  };
  const config = {
    state,
    inputs: { app: { paths: [join(directory, 'app.log')], grace: '300ms' } },
    checkpoint: { every: '100ms' },
    shutdown: { quiet: '30ms', deadline: '8s' },
    outputs: { stdout: {}, http },
    admin: false,
  };
  const scene: Scene = {
    random,
    state,
    output,
    receiver,
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
      'up',
    ];
    for (let step = 0; step < 25; step++) {
      const name = random.pick(names);
      scene.log.push(name);
      await actions[name]?.(scene);
    }
    await catchUp(scene);
    await actions['terminate']?.(scene);
    judge(scene);
    return receiver.did;
  } catch (error) {
    const said = scene.reader?.said.slice(-6).join('\n') ?? '';
    const what = `run ${run} of seed ${seed}: ${scene.log.join(' ')}\n${said}`;
    throw new Error(what, { cause: error });
  } finally {
    clearInterval(sampling);
    await scene.reader?.stop('SIGKILL');
    await receiver.close();
    closeSync(fd);
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
  const answers = new Map<string, number>();
  const count = (did: Tally) => {
    for (const [way, times] of did) answers.set(way, (answers.get(way) ?? 0) + times);
  };
  const lane = async () => {
    for (let run = next++; run < runs; run = next++) {
      if (only !== undefined && !only.includes(run)) continue;
      const directory = mkdtempSync(join(tmpdir(), 'podmates-torture-'));
      await play(run, createRandom(seed * 1000 + run), directory).then(count, (error: unknown) => {
        failures.push(describe(error));
        t.diagnostic(failures.at(-1) ?? '');
      });
      rmSync(directory, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  const what = [...answers].map(([way, times]) => `${way} ${times}`);
  t.diagnostic(`the receiver did: ${what.join(', ')}`);
  assert.deepEqual(failures, []);
  if (runs >= 50 && only === undefined) assert.deepEqual(new Set(answers.keys()), receiverWays);
});
