import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Contest, Contestant, Round } from './contest.ts';
import { accessLine, type LogFile, pinoLine, writeLog } from './log-lines.ts';
import { filterConfig, lokiConfig, metricsConfig, plainConfig } from './log-tail-configs.ts';
import { startMtail, startRsyslog } from './log-tail-peers.ts';
import { scratch, startContestant, startPodmates } from './podmates.ts';
import { freePort, isInstalled, listening, type Program, startProgram } from './program.ts';
import { untilQuiet } from './until-quiet.ts';

/**
 * Following a file to which a lot is written: how much work a gigabyte is. The contestants run and
 * wait before the first byte is written, so that their start does not count.
 */
export async function* catchUpContests(quick: boolean): AsyncIterable<Contest> {
  const folder = scratch();
  const access = writeLog(join(folder, 'access.log'), (quick ? 64 : 512) * 1024 ** 2, accessLine);
  const pino = writeLog(join(folder, 'pino.log'), (quick ? 64 : 256) * 1024 ** 2, pinoLine);
  yield passThrough(folder, access);
  yield jsonFilter(folder, pino);
  yield await metricsFromLines(folder, access);
  yield await lokiPush(folder, access);
  rmSync(folder, { recursive: true });
}

function passThrough(folder: string, log: LogFile): Contest {
  return {
    name: 'pass-through to a file',
    unit: 'GB',
    missing: ['Fluent Bit (not in Debian 12)', ...missing('rsyslogd')],
    contestants: [
      copied('podmates log-tail', true, log, folder, (file, out) =>
        startPodmates('log-tail', plainConfig(file), out),
      ),
      copied('GNU tail -F', false, log, folder, (file, out) =>
        startProgram({ command: 'tail', args: ['-n', '+1', '-F', file], ...out }),
      ),
      copied('npm tail 2.2.6', false, log, folder, (file, out) =>
        startContestant('npm-tail.mjs', [file], out),
      ),
      copied('npm @logdna/tail-file', false, log, folder, (file, out) =>
        startContestant('tail-file.mjs', [file], out),
      ),
      ...(isInstalled('rsyslogd')
        ? [copied('rsyslog imfile', false, log, folder, startRsyslog)]
        : []),
    ],
  };
}

function jsonFilter(folder: string, log: LogFile): Contest {
  return {
    name: 'JSON lines at level 40 and above, two fields added',
    unit: 'GB',
    missing: ['Fluent Bit (not in Debian 12)'],
    contestants: [
      copied('podmates log-tail', true, log, folder, (file, out) =>
        startPodmates('log-tail', filterConfig(file), out),
      ),
      copied('Node: JSON.parse every line', false, log, folder, (file, out) =>
        startContestant('json-filter.mjs', [file], out),
      ),
    ],
  };
}

type Output = { readonly core: 0; readonly stdout: number; readonly file: string };

/** A contestant that writes what it follows to standard output, a file; done when that stops growing. */
function copied(
  name: string,
  first: boolean,
  log: LogFile,
  folder: string,
  start: (log: string, output: Output) => Program,
): Contestant {
  const file = join(folder, `${name.replace(/\W+/g, '-')}.out`);
  return {
    name,
    ours: first,
    agrees: 'the same lines',
    async round() {
      const stdout = openSync(file, 'w');
      const followed = emptyLog(folder);
      const program = start(followed, { core: 0, stdout, file });
      const round = await follow(program, log, followed, () => statSync(file).size);
      closeSync(stdout);
      const outcome = `${round.outcome} bytes, ${await digest(file)}`;
      rmSync(file);
      return { ...round, outcome };
    },
  };
}

function emptyLog(folder: string): string {
  const file = join(folder, 'followed.log');
  writeFileSync(file, '');
  return file;
}

/** Lets a program that has settled follow what is written, and reads what that cost. */
async function follow(
  program: Program,
  { file, bytes }: LogFile,
  followed: string,
  progress: () => number,
  quietMs = 700,
): Promise<Round> {
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const before = program.cost().cpuSeconds;
  const begin = performance.now();
  await promisify(execFile)('taskset', ['-c', '1', 'sh', '-c', `cat ${file} >> ${followed}`]);
  const { last, grownAt } = await untilQuiet(progress, quietMs);
  const after = program.cost();
  await program.stop();
  return {
    units: bytes / 1e9,
    cpuSeconds: after.cpuSeconds - before,
    wallSeconds: (grownAt - begin) / 1000,
    residentBytes: after.residentBytes,
    outcome: String(last),
  };
}

async function digest(file: string): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

async function metricsFromLines(folder: string, log: LogFile): Promise<Contest> {
  return {
    name: 'regex to a counter with three labels',
    unit: 'GB',
    missing: missing('mtail'),
    contestants: [
      await counted('podmates log-tail', true, log, folder, (file, port) =>
        startPodmates('log-tail', metricsConfig(file, port), { core: 0 }),
      ),
      ...(isInstalled('mtail')
        ? [await counted('mtail', false, log, folder, (file, port) => startMtail(file, port))]
        : []),
    ],
  };
}

/** A contestant whose metrics page counts the lines. */
async function counted(
  name: string,
  first: boolean,
  log: LogFile,
  folder: string,
  start: (log: string, port: number) => Program,
): Promise<Contestant> {
  return {
    name,
    ours: first,
    agrees: 'every line counted',
    async round() {
      const port = await freePort();
      const followed = emptyLog(folder);
      const program = start(followed, port);
      await listening(port);
      let count = 0;
      const asking = setInterval(async () => {
        count = await readCount(port);
      }, 200);
      try {
        return await follow(program, log, followed, () => count, 1500);
      } finally {
        clearInterval(asking);
      }
    },
  };
}

async function readCount(port: number): Promise<number> {
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  let sum = 0;
  for (const match of page.matchAll(/^access_requests_total\{[^}]*\} (\d+)/gm))
    sum += Number(match[1]);
  return sum;
}

async function lokiPush(folder: string, log: LogFile): Promise<Contest> {
  const port = await freePort();
  const counts = join(folder, 'loki-count');
  return {
    name: 'push to Loki',
    unit: 'GB',
    missing: ['Fluent Bit and promtail (not in Debian 12)'],
    remarks: ['The receiver is a double that counts lines; its cost is not counted.'],
    contestants: [
      {
        name: 'podmates log-tail',
        ours: true,
        async round() {
          writeFileSync(counts, '');
          const receiver = startContestant('loki-double.mjs', [port, counts], { core: 1 });
          await listening(port);
          const followed = emptyLog(folder);
          const program = startPodmates('log-tail', lokiConfig(followed, port), { core: 0 });
          const round = await follow(program, log, followed, () => statSync(counts).size, 2000);
          await receiver.stop();
          return { ...round, outcome: `${round.outcome} of ${log.lines} lines` };
        },
      },
    ],
  };
}

function missing(...programs: readonly string[]): string[] {
  return programs
    .filter((name) => !isInstalled(name))
    .map((name) => `${name} (not installed; Debian has it)`);
}
