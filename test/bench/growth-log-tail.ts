import { closeSync, mkdirSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Curve } from './curve.ts';
import type { Growth } from './growth.ts';
import { scratch, startPodmates } from './podmates.ts';
import { type Cost, readThreadSeconds } from './process-cost.ts';
import { freePort, listening } from './program.ts';
import { untilQuiet } from './until-quiet.ts';

/** Ever more files of 6,400 bytes. */
export async function growFiles({ sizes }: Growth): Promise<Curve> {
  const text = `${'x'.repeat(99)}\n`.repeat(64);
  const points = [];
  for (const count of sizes(1, 10, 100, 1000, 10_000)) {
    const { cpuSeconds, residentBytes } = await follow(text.length * count, (folder) => {
      for (let n = 0; n < count; n++) writeFileSync(join(folder, `${n}.log`), text);
    });
    points.push({ size: count, cpuPerUnit: cpuSeconds / count, residentBytes });
  }
  return {
    name: 'log-tail: files',
    unit: 'file',
    size: 'files',
    points,
    remark: 'With few files, this is what following costs by itself in the seconds of the run.',
  };
}

/** The same 64 MB, in ever longer lines. */
export async function growLines({ sizes }: Growth): Promise<Curve> {
  const points = [];
  for (const length of sizes(1000, 10_000, 100_000, 1_000_000, 10_000_000)) {
    const line = `${'x'.repeat(length - 1)}\n`;
    const text = line.repeat(64e6 / length);
    const { cpuSeconds, residentBytes } = await follow(text.length, (folder) => {
      writeFileSync(join(folder, 'app.log'), text);
    });
    points.push({ size: length, cpuPerUnit: cpuSeconds / (text.length / 1e6), residentBytes });
  }
  return {
    name: 'log-tail: bytes in a line',
    unit: 'MB',
    size: 'bytes',
    points,
    remark:
      'A line longer than a block of 256 KiB is read twice, once for its end and once for itself, so that none of it is kept meanwhile: a step, and level behind it.',
  };
}

/** Follows an empty folder first, so that its start does not count. */
async function follow(expected: number, fill: (folder: string) => void): Promise<Cost> {
  const folder = join(scratch(), 'logs');
  mkdirSync(folder);
  const file = join(dirname(folder), 'out');
  const stdout = openSync(file, 'w');
  const adminPort = await freePort();
  const program = startPodmates(
    'log-tail',
    `logTail:
  admin: { listen: "127.0.0.1:${adminPort}" }
  inputs: { app: { paths: ["${folder}/*.log"], maxLine: 16MiB } }
`,
    { core: 0, stdout },
  );
  try {
    await listening(adminPort);
    const before = readThreadSeconds(program.pid);
    fill(folder);
    const { last } = await untilQuiet(() => statSync(file).size, 2500);
    const cpuSeconds = readThreadSeconds(program.pid) - before;
    if (last !== expected) throw new Error(`${last} of ${expected} bytes came out`);
    return { cpuSeconds, residentBytes: program.cost().residentBytes };
  } finally {
    await program.stop();
    closeSync(stdout);
    rmSync(dirname(folder), { recursive: true });
  }
}
