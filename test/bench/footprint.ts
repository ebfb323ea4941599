import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from './contest.ts';
import { goalTable, type Judged } from './goals.ts';
import { describeMachine } from './machine.ts';
import { scratch, startContestant, startPodmates } from './podmates.ts';
import { countThreads, readCost, readMemory } from './process-cost.ts';
import { freePort, listening } from './program.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    results: { type: 'string', default: join(import.meta.dirname, 'results') },
  },
});

interface Footprint {
  readonly name: string;
  readonly readyMs: number;
  readonly residentMB: number;
  readonly proportionalMB: number;
  readonly privateMB: number;
  readonly idlePercent: number;
  readonly threads: number;
}

const originPort = await freePort();
const origin = startContestant('stats-origin.mjs', [originPort, 20], {});
await listening(originPort);
const logFile = join(scratch(), 'app.log');
writeFileSync(logFile, 'started\n');

const sections = (ports: readonly number[]): Readonly<Record<string, string>> => ({
  'log-tail': `logTail:
  admin: { listen: "127.0.0.1:${ports[0]}" }
  inputs: { app: { paths: ["${logFile}"] } }
`,
  ambassador: `ambassador:
  listen: "127.0.0.1:${ports[1]}"
  admin: { listen: "127.0.0.1:${ports[2]}" }
  upstream: { url: "http://127.0.0.1:${originPort}" }
  routes: [{ path: /**, public: true }]
`,
  adapter: `adapter:
  admin: { listen: "127.0.0.1:${ports[3]}" }
  sources:
    app:
      url: http://127.0.0.1:${originPort}/stats
      metrics: [{ gauge: app_uptime_seconds, help: Uptime., value: uptime_seconds }]
`,
});

const adminIndex: Readonly<Record<string, number>> = {
  'log-tail': 0,
  ambassador: 2,
  adapter: 3,
  run: 3,
};

async function measure(name: string): Promise<Footprint> {
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const texts = sections(ports);
  const config = name === 'run' ? Object.values(texts).join('') : (texts[name] ?? '');
  const begin = performance.now();
  const program = startPodmates(name, config);
  await ready(ports[adminIndex[name] ?? 0] ?? 0);
  const readyMs = performance.now() - begin;
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const before = readCost(program.pid).cpuSeconds;
  const seconds = values.quick ? 5 : 20;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const idle = readCost(program.pid).cpuSeconds - before;
  const memory = readMemory(program.pid);
  const threads = countThreads(program.pid);
  await program.stop();
  return {
    name,
    readyMs,
    residentMB: memory.rss / 1e6,
    proportionalMB: memory.pss / 1e6,
    privateMB: memory.private / 1e6,
    idlePercent: (idle / seconds) * 100,
    threads,
  };
}

async function ready(port: number): Promise<void> {
  for (;;) {
    try {
      const { status } = await fetch(`http://127.0.0.1:${port}/readyz`);
      if (status === 200) return;
    } catch {
      // not listening yet
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const rounds = values.quick ? 1 : 3;
const found: Footprint[] = [];
for (const name of ['log-tail', 'ambassador', 'adapter', 'run']) {
  const measured: Footprint[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await measure(name));
  const middle = (pick: (one: Footprint) => number) => median(measured.map(pick));
  found.push({
    name,
    readyMs: middle((one) => one.readyMs),
    residentMB: middle((one) => one.residentMB),
    proportionalMB: middle((one) => one.proportionalMB),
    privateMB: middle((one) => one.privateMB),
    idlePercent: middle((one) => one.idlePercent),
    threads: middle((one) => one.threads),
  });
}
await origin.stop();

const table = [
  '| container | start to ready, ms | MB resident | MB proportional | MB private | idle, % of a core | threads |',
  '| --- | --- | --- | --- | --- | --- | --- |',
  ...found.map(
    (one) =>
      `| ${[one.name, one.readyMs.toFixed(0), one.residentMB.toFixed(0), one.proportionalMB.toFixed(0), one.privateMB.toFixed(0), one.idlePercent.toFixed(2), one.threads].join(' | ')} |`,
  ),
].join('\n');
const goals = found.flatMap(({ name, residentMB, readyMs }): Judged[] => [
  {
    work: `${name}, idle`,
    goal: 'at most 75 MB resident',
    seen: `${residentMB.toFixed(0)} MB`,
    met: residentMB <= 75,
  },
  {
    work: `${name}, start`,
    goal: 'ready within 300 ms',
    seen: `${readyMs.toFixed(0)} ms`,
    met: readyMs <= 300,
  },
]);
const machine = describeMachine();
mkdirSync(values.results, { recursive: true });
writeFileSync(
  join(values.results, 'footprint.json'),
  `${JSON.stringify({ machine, goals, found }, null, 2)}\n`,
);
writeFileSync(
  join(values.results, 'footprint.md'),
  `# footprint\n\nMeasured ${machine.date} on ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}; load ${machine.load}. Idle CPU is read in ticks of 10 ms.\n\n## Goals\n\n${goalTable(goals)}\n\n## Measured\n\n${table}\n`,
);
console.log(`${table}\n\n${goalTable(goals)}`);
