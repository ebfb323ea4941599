import { closeSync, mkdirSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Curve, Point } from './curve.ts';
import type { Growth } from './growth.ts';
import { scratch, startPodmates } from './podmates.ts';
import { freePort, listening } from './program.ts';
import { untilQuiet } from './until-quiet.ts';

const bytes = 64e6;

/** The same 64 MB, in ever more files. */
export async function growFiles({ sizes }: Growth): Promise<Curve> {
  const line = `${'x'.repeat(99)}\n`;
  const points = [];
  for (const count of sizes(1, 10, 100, 1000, 10_000)) {
    const text = line.repeat(bytes / line.length / count);
    points.push(
      await measure(count, text.length * count, (folder) => {
        for (let n = 0; n < count; n++) writeFileSync(join(folder, `${n}.log`), text);
      }),
    );
  }
  return { name: 'log-tail: files', unit: 'MB', size: 'files', points };
}

/** The same 64 MB, in ever longer lines. */
export async function growLines({ sizes }: Growth): Promise<Curve> {
  const points = [];
  for (const length of sizes(1000, 10_000, 100_000, 1_000_000, 10_000_000)) {
    const line = `${'x'.repeat(length - 1)}\n`;
    const text = line.repeat(bytes / length);
    points.push(
      await measure(length, text.length, (folder) => {
        writeFileSync(join(folder, 'app.log'), text);
      }),
    );
  }
  return { name: 'log-tail: bytes in a line', unit: 'MB', size: 'bytes', points };
}

/** Follows an empty folder first, so that its start does not count. */
async function measure(
  size: number,
  expected: number,
  fill: (folder: string) => void,
): Promise<Point> {
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
    const before = program.cost().cpuSeconds;
    fill(folder);
    const { last } = await untilQuiet(() => statSync(file).size, 2500);
    const { cpuSeconds, residentBytes } = program.cost();
    if (last !== expected) throw new Error(`${last} of ${expected} bytes came out at ${size}`);
    return { size, cpuPerUnit: (cpuSeconds - before) / (expected / 1e6), residentBytes };
  } finally {
    await program.stop();
    closeSync(stdout);
    rmSync(dirname(folder), { recursive: true });
  }
}
