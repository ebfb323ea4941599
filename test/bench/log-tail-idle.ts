import { closeSync, mkdirSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contest, Contestant } from './contest.ts';
import { accessLine } from './log-lines.ts';
import { plainConfig } from './log-tail-configs.ts';
import { scratch, startPodmates } from './podmates.ts';
import { type Program, startProgram } from './program.ts';
import { untilQuiet } from './until-quiet.ts';

/** What following costs when nothing is written, and when there is a little in many files. */
export async function* idleContests(quick: boolean): AsyncIterable<Contest> {
  const seconds = quick ? 5 : 20;
  yield {
    name: 'idle, 100 files',
    unit: 'second',
    missing: [],
    contestants: [
      idle('podmates log-tail', true, seconds, startOurs),
      idle('GNU tail -F', false, seconds, startTail),
    ],
  };
  yield {
    name: '2,000 files of 50 lines',
    unit: 'line',
    missing: [],
    contestants: [
      many('podmates log-tail', true, startOurs),
      many('GNU tail -F', false, startTail),
    ],
  };
}

type Start = (folder: string, stdout: number) => Program;

const startOurs: Start = (folder, stdout) =>
  startPodmates('log-tail', plainConfig(`${folder}/*.log`), { core: 0, stdout });

const startTail: Start = (folder, stdout) =>
  startProgram({
    command: 'sh',
    args: ['-c', `exec tail -q -n +1 -F ${folder}/*.log`],
    core: 0,
    stdout,
  });

function makeFiles(count: number, lines: number): string {
  const folder = join(scratch(), 'logs');
  mkdirSync(folder);
  for (let file = 0; file < count; file++) {
    let text = '';
    for (let line = 0; line < lines; line++) text += accessLine(file * lines + line);
    writeFileSync(join(folder, `${file}.log`), text);
  }
  return folder;
}

function idle(name: string, ours: boolean, seconds: number, start: Start): Contestant {
  return {
    name,
    ours,
    async round() {
      const folder = makeFiles(100, 10);
      const program = start(folder, openSync('/dev/null', 'w'));
      await new Promise((resolve) => setTimeout(resolve, 8000)); // past its start and what follows
      const before = program.cost();
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      const after = program.cost();
      await program.stop();
      rmSync(folder, { recursive: true });
      return {
        units: seconds,
        cpuSeconds: after.cpuSeconds - before.cpuSeconds,
        wallSeconds: seconds,
        residentBytes: after.residentBytes,
        outcome: '',
      };
    },
  };
}

function many(name: string, ours: boolean, start: Start): Contestant {
  return {
    name,
    ours,
    agrees: 'all lines',
    async round() {
      const folder = makeFiles(2000, 50);
      const out = join(folder, 'out');
      const stdout = openSync(out, 'w');
      const begin = performance.now();
      const program = start(folder, stdout);
      const { last, grownAt } = await untilQuiet(() => statSync(out).size, 1000);
      const cost = program.cost();
      await program.stop();
      closeSync(stdout);
      rmSync(folder, { recursive: true });
      return {
        units: 100_000,
        cpuSeconds: cost.cpuSeconds,
        wallSeconds: (grownAt - begin) / 1000,
        residentBytes: cost.residentBytes,
        outcome: `${last} bytes`,
      };
    },
  };
}
