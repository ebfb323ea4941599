import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Contest, Contestant } from './contest.ts';
import { plainConfig } from './log-tail-configs.ts';
import { startRsyslog } from './log-tail-peers.ts';
import { scratch, startContestant, startPodmates } from './podmates.ts';
import { isInstalled, type Program, startProgram } from './program.ts';

/** A writer at 200,000 lines a second that rotates its file every two seconds. */
export async function* liveContests(quick: boolean): AsyncIterable<Contest> {
  for (const mode of ['rename', 'copytruncate'] as const) {
    yield {
      name: `live, 200,000 lines/s, ${mode} every 2 s`,
      unit: 'line',
      missing: [
        'Fluent Bit (not in Debian 12)',
        ...(isInstalled('rsyslogd') ? [] : ['rsyslog (apt-get install rsyslog)']),
      ],
      remarks: [
        'CPU per line counts the lines that arrived; lost and doubled are those of the worst round.',
      ],
      contestants: [
        live('podmates log-tail', true, mode, quick, (file, stdout) =>
          startPodmates('log-tail', plainConfig(file), { core: 0, stdout }),
        ),
        live('GNU tail -F', false, mode, quick, (file, stdout) =>
          startProgram({ command: 'tail', args: ['-n', '+1', '-F', file], core: 0, stdout }),
        ),
        live('npm tail 2.2.6', false, mode, quick, (file, stdout) =>
          startContestant('npm-tail.mjs', [file], { core: 0, stdout }),
        ),
        live('npm @logdna/tail-file', false, mode, quick, (file, stdout) =>
          startContestant('tail-file.mjs', [file], { core: 0, stdout }),
        ),
        ...(isInstalled('rsyslogd')
          ? [
              live('rsyslog imfile', false, mode, quick, (file, stdout) =>
                startRsyslog(file, { file: '/dev/stdout', core: 0, stdout }),
              ),
            ]
          : []),
      ],
    };
  }
}

interface Arrived {
  readonly lines: number;
  readonly doubled: number;
  readonly p50: number | null;
  readonly p99: number | null;
}

function live(
  name: string,
  ours: boolean,
  mode: 'rename' | 'copytruncate',
  quick: boolean,
  start: (file: string, stdout: number) => Program,
): Contestant {
  return {
    name,
    ours,
    async round() {
      const folder = scratch();
      const file = join(folder, 'app.log');
      closeSync(openSync(file, 'w'));
      const reader = startReader();
      const program = start(file, reader.input);
      const begin = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 700)); // let it open the file
      const written = await write(file, mode, quick ? 3 : 7);
      await new Promise((resolve) => setTimeout(resolve, 1500)); // let it catch up
      const cost = program.cost();
      await program.stop();
      const arrived = await reader.end();
      rmSync(folder, { recursive: true });
      return {
        units: arrived.lines,
        cpuSeconds: cost.cpuSeconds,
        wallSeconds: (performance.now() - begin) / 1000,
        residentBytes: cost.residentBytes,
        ...(arrived.p50 === null ? {} : { p50Ms: arrived.p50 }),
        ...(arrived.p99 === null ? {} : { p99Ms: arrived.p99 }),
        lost: written - arrived.lines + arrived.doubled,
        doubled: arrived.doubled,
        outcome: '',
      };
    },
  };
}

function startReader(): { input: number; end(): Promise<Arrived> } {
  const fifo = join(scratch(), 'out');
  execFileSync('mkfifo', [fifo]);
  const script = join(import.meta.dirname, 'contestants/live-reader.mjs');
  const child = spawn('sh', ['-c', `exec taskset -c 1 ${process.execPath} ${script} < ${fifo}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = text(child.stderr);
  const input = openSync(fifo, 'w'); // returns when the reader has opened its end
  return {
    input,
    async end() {
      closeSync(input);
      return JSON.parse(await said);
    },
  };
}

async function write(file: string, mode: string, seconds: number): Promise<number> {
  const script = join(import.meta.dirname, 'contestants/live-writer.mjs');
  const args = ['-c', '1', process.execPath, script, file, '200000', String(seconds), '2', mode];
  const child = spawn('taskset', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return JSON.parse(said).written;
}
