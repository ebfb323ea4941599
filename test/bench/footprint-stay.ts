import { appendFileSync, closeSync, openSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { applyLoad } from './load.ts';
import { accessLine } from './log-lines.ts';
import { scratch, startContestant, startPodmates } from './podmates.ts';
import { countThreads, type Memory, readMemory, readThreadSeconds } from './process-cost.ts';
import { freePort, type Program } from './program.ts';
import { adapterConfig } from './stats-document.ts';
import { untilQuiet } from './until-quiet.ts';

/** The names of what is measured: a bare server of Node beside ours, for what nothing can go below. */
export const names = ['node:http alone', 'log-tail', 'ambassador', 'adapter', 'run'] as const;
export type Name = (typeof names)[number];

export interface Stay {
  readonly name: Name;
  readonly first: FirstAnswer;
  readonly idle: Memory;
  readonly idlePercent: number;
  readonly threads: number;
  readonly loaded: Memory;
}

/** From the start of the process until it answered. */
export interface FirstAnswer {
  readonly ms: number;
  /** What of it was CPU: this much depends less on whatever else the machine does. */
  readonly cpuMs: number;
}

interface Running {
  readonly name: Name;
  readonly program: Program;
  readonly first: FirstAnswer;
  /** A lively hour of it. */
  work(): Promise<void>;
  stop(): Promise<void>;
}

export interface Pace {
  readonly restSeconds: number;
  readonly loadSeconds: number;
}

/** Starts everything in turn, lets it rest together, gives each its work in turn, and ends it. */
export async function stay(originPort: number, pace: Pace): Promise<Stay[]> {
  const running: Running[] = [];
  for (const name of names) running.push(await start(name, originPort, pace));
  await pause(10_000); // what a start leaves behind is given back after 5 s
  const before = running.map(({ program }) => readThreadSeconds(program.pid));
  await pause(pace.restSeconds * 1000);
  const rested = running.map(({ program: { pid } }, index) => ({
    idle: readMemory(pid),
    threads: countThreads(pid),
    idlePercent: ((readThreadSeconds(pid) - (before[index] ?? 0)) / pace.restSeconds) * 100,
  }));
  const stays: Stay[] = [];
  for (const [index, one] of running.entries()) {
    await one.work();
    await pause(2000);
    const found = rested[index];
    if (found === undefined) continue;
    const { name, first } = one;
    stays.push({ name, first, ...found, loaded: readMemory(one.program.pid) });
  }
  for (const one of running) await one.stop();
  return stays;
}

/** Starts each a few times in turn. */
export async function answerFirst(originPort: number, times: number): Promise<Firsts> {
  const firsts: Record<Name, FirstAnswer[]> = {
    'node:http alone': [],
    'log-tail': [],
    ambassador: [],
    adapter: [],
    run: [],
  };
  for (let count = 0; count < times; count++) {
    for (const name of names) {
      const { first, stop } = await start(name, originPort, { restSeconds: 0, loadSeconds: 0 });
      firsts[name].push(first);
      await stop();
    }
  }
  return firsts;
}

export type Firsts = Readonly<Record<Name, readonly FirstAnswer[]>>;

async function start(name: Name, originPort: number, { loadSeconds }: Pace): Promise<Running> {
  const folder = scratch();
  const [entry, ...admin] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const sections = configs(folder, originPort, entry, admin);
  const adminPorts = name === 'run' ? admin : [admin[Object.keys(sections).indexOf(name)] ?? entry];
  const begin = performance.now();
  const stdout = openSync(join(folder, 'out'), 'w');
  const program =
    name === 'node:http alone'
      ? startContestant('http-server.cjs', [entry])
      : startPodmates(name, sections[name] ?? Object.values(sections).join(''), { stdout });
  await Promise.all(adminPorts.map(ready));
  const first = {
    ms: performance.now() - begin,
    cpuMs: readThreadSeconds(program.pid) * 1000,
  };
  const does = (part: Name) => name === part || name === 'run';
  return {
    name,
    program,
    first,
    async work() {
      for (const port of adminPorts) await scrapeAndProbe(port);
      if (does('log-tail')) await writeLines(folder);
      if (does('ambassador') || name === 'node:http alone') {
        const url = `http://127.0.0.1:${entry}/`;
        await applyLoad({ url, connections: 64, seconds: loadSeconds });
      }
    },
    async stop() {
      await program.stop();
      closeSync(stdout);
    },
  };
}

const configs = (
  folder: string,
  originPort: number,
  entry: number,
  [logTail, ambassador, adapter = 0]: readonly number[],
): Readonly<Record<string, string>> => ({
  'log-tail': `logTail:
  admin: { listen: "127.0.0.1:${logTail}" }
  inputs: { app: { paths: ["${folder}/*.log"] } }
`,
  ambassador: `ambassador:
  listen: "127.0.0.1:${entry}"
  admin: { listen: "127.0.0.1:${ambassador}" }
  upstream: { url: "http://127.0.0.1:${originPort}" }
  shutdown: { delay: 0s }
  routes: [{ path: /**, public: true }]
`,
  adapter: adapterConfig(`http://127.0.0.1:${originPort}/stats`, adapter),
});

async function ready(port: number): Promise<void> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await pause(5);
  }
}

/** As often as Prometheus and the kubelet ask within an hour, at 15 s each. */
async function scrapeAndProbe(port: number): Promise<void> {
  for (let count = 0; count < 240; count++) {
    for (const path of ['metrics', 'readyz']) {
      const response = await fetch(`http://127.0.0.1:${port}/${path}`);
      await response.arrayBuffer();
    }
  }
}

async function writeLines(folder: string): Promise<void> {
  const text = Array.from({ length: 20_000 }, (_, number) => accessLine(number)).join('');
  const file = join(folder, 'app.log');
  writeFileSync(file, '');
  for (let count = 0; count < 10; count++) appendFileSync(file, text);
  const { last } = await untilQuiet(() => statSync(join(folder, 'out')).size, 2000);
  if (last !== text.length * 10) throw new Error(`${last} of ${text.length * 10} bytes came out`);
}
