import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contest, Contestant } from './contest.ts';
import { accessLine, type LogFile, pinoLine, writeLog } from './log-lines.ts';
import { filterConfig, lokiConfig, metricsConfig, plainConfig } from './log-tail-configs.ts';
import { scratch, startContestant, startPodmates } from './podmates.ts';
import { freePort, isInstalled, listening, type Program, startProgram } from './program.ts';
import { untilQuiet } from './until-quiet.ts';

/** Following log files that are there already: how much work a gigabyte is. */
export async function* catchUpContests(quick: boolean): AsyncIterable<Contest> {
  const folder = scratch();
  const mebibytes = quick ? 16 : 128;
  const access = writeLog(join(folder, 'access.log'), mebibytes * 1024 ** 2, accessLine);
  const pino = writeLog(join(folder, 'pino.log'), mebibytes * 1024 ** 2, pinoLine);
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
    missing: ['Fluent Bit (not in Debian 12)'],
    contestants: [
      copied('podmates log-tail', true, log, folder, (out) =>
        startPodmates('log-tail', plainConfig(log.file), out),
      ),
      copied('GNU tail -F', false, log, folder, (out) =>
        startProgram({ command: 'tail', args: ['-n', '+1', '-F', log.file], ...out }),
      ),
      copied('npm tail 2.2.6', false, log, folder, (out) =>
        startContestant('npm-tail.mjs', [log.file], out),
      ),
      copied('npm @logdna/tail-file', false, log, folder, (out) =>
        startContestant('tail-file.mjs', [log.file], out),
      ),
    ],
  };
}

function jsonFilter(folder: string, log: LogFile): Contest {
  return {
    name: 'JSON lines at level 40 and above, two fields added',
    unit: 'GB',
    missing: ['Fluent Bit (not in Debian 12)'],
    contestants: [
      copied('podmates log-tail', true, log, folder, (stdio) =>
        startPodmates('log-tail', filterConfig(log.file), stdio),
      ),
      copied('Node: JSON.parse every line', false, log, folder, (stdio) =>
        startContestant('json-filter.mjs', [log.file], stdio),
      ),
    ],
  };
}

type Output = { readonly core: 0; readonly stdout: number };

/** A contestant that writes what it follows to standard output, a file; done when that stops growing. */
function copied(
  name: string,
  first: boolean,
  log: LogFile,
  folder: string,
  start: (output: Output) => Program,
): Contestant {
  const file = join(folder, `${name.replace(/\W+/g, '-')}.out`);
  return {
    name,
    ours: first,
    agrees: 'the same lines',
    async round() {
      const stdout = openSync(file, 'w');
      const begin = performance.now();
      const program = start({ core: 0, stdout });
      const { last, grownAt } = await untilQuiet(() => statSync(file).size, 700);
      const cost = program.cost();
      await program.stop();
      closeSync(stdout);
      const outcome = `${last} bytes, ${await digest(file)}`;
      rmSync(file);
      return {
        units: log.bytes / 1e9,
        cpuSeconds: cost.cpuSeconds,
        wallSeconds: (grownAt - begin) / 1000,
        residentBytes: cost.residentBytes,
        outcome,
      };
    },
  };
}

async function digest(file: string): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

async function metricsFromLines(folder: string, log: LogFile): Promise<Contest> {
  writeFileSync(join(folder, 'access.mtail'), mtailProgram);
  return {
    name: 'regex to a counter with three labels',
    unit: 'GB',
    missing: missing('mtail'),
    contestants: [
      await counted('podmates log-tail', true, log, (port) =>
        startPodmates('log-tail', metricsConfig(log.file, port), { core: 0 }),
      ),
      ...(isInstalled('mtail')
        ? [
            await counted('mtail', false, log, (port) =>
              startProgram({
                command: 'mtail',
                args: [
                  '--progs',
                  join(folder, 'access.mtail'),
                  '--logs',
                  log.file,
                  '--port',
                  String(port),
                  '--address',
                  '127.0.0.1',
                  '--emit_metric_timestamp=false',
                  '--one_shot=false',
                  '--read_existing',
                ],
                core: 0,
                env: { GOMAXPROCS: '1' },
              }),
            ),
          ]
        : []),
    ],
  };
}

/** A contestant whose metrics page counts the lines. */
async function counted(
  name: string,
  first: boolean,
  log: LogFile,
  start: (port: number) => Program,
): Promise<Contestant> {
  return {
    name,
    ours: first,
    agrees: 'every line counted',
    async round() {
      const port = await freePort();
      const begin = performance.now();
      const program = start(port);
      await listening(port);
      let counted = 0;
      while (counted < log.lines) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        counted = await readCount(port);
      }
      const cost = program.cost();
      await program.stop();
      return {
        units: log.bytes / 1e9,
        cpuSeconds: cost.cpuSeconds,
        wallSeconds: (performance.now() - begin) / 1000,
        residentBytes: cost.residentBytes,
        outcome: `${counted} lines`,
      };
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

const mtailProgram = `counter access_requests_total by method, path, class
/"(?P<method>[A-Z]+) (?P<path>\\/[a-z]*)[^ ]* HTTP[^"]*" (?P<class>\\d)\\d\\d / {
  access_requests_total[$method][$path][$class]++
}
`;

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
          writeFileSync(counts, '0');
          const receiver = startContestant('loki-double.mjs', [port, counts], { core: 1 });
          await listening(port);
          const begin = performance.now();
          const program = startPodmates('log-tail', lokiConfig(log.file, port), { core: 0 });
          const { last, grownAt } = await untilQuiet(() => statSync(counts).size, 2000);
          const cost = program.cost();
          await program.stop();
          await receiver.stop();
          return {
            units: log.bytes / 1e9,
            cpuSeconds: cost.cpuSeconds,
            wallSeconds: (grownAt - begin) / 1000,
            residentBytes: cost.residentBytes,
            outcome: `${last} lines`,
          };
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
