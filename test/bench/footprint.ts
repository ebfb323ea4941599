import { globSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from './contest.ts';
import { answerFirst, names, type Stay, stay } from './footprint-stay.ts';
import { goalTable, type Judged } from './goals.ts';
import { describeMachine } from './machine.ts';
import { image, startContestant } from './podmates.ts';
import { freePort, listening } from './program.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    results: { type: 'string', default: join(import.meta.dirname, 'results') },
  },
});
const machine = describeMachine();
const originPort = await freePort();
const origin = startContestant('stats-origin.mjs', [originPort, 20], {});
await listening(originPort);
const rounds = values.quick ? 1 : 3;
const pace = values.quick
  ? { restSeconds: 5, loadSeconds: 1 }
  : { restSeconds: 30, loadSeconds: 5 };
const stays: Stay[] = [];
const starts = values.quick ? 2 : 15;
const firsts = await answerFirst(originPort, starts);
for (let round = 0; round < rounds; round++) stays.push(...(await stay(originPort, pace)));
await origin.stop();

const found = names.map((name) => middle(stays.filter((one) => one.name === name)));
const goals = found.flatMap(({ name, idle, first }): Judged[] =>
  name === 'node:http alone' || name === 'run'
    ? []
    : [
        {
          work: `${name}, idle`,
          goal: 'at most 75 MB resident',
          seen: megabytes(idle.rss),
          met: idle.rss <= 75e6,
        },
        {
          work: `${name}, start`,
          goal: 'first answer within 300 ms',
          seen: `${first.ms.toFixed(0)} ms`,
          met: first.ms <= 300,
        },
      ],
);
const sizes = { podmates: folderBytes(image), node: statSync(process.execPath).size };
const report = `# footprint

Measured ${machine.date} on ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}; load ${machine.load}
when the run began. Medians of ${starts} starts, and of ${rounds} rounds of rest and work, in turn, of what the images have in \`/opt/podmates\`
(${megabytes(sizes.podmates)}) beside the program of Node (${megabytes(sizes.node)}); what an image weighs
packed says the README. Memory is resident, proportional, private; idle after ${10 + pace.restSeconds} s of
rest, loaded after 240 scrapes and probes, as many as in an hour, and work: 200,000 lines, ${pace.loadSeconds} s of
requests over 64 connections, or a page of 80 series.

## Goals

${goalTable(goals)}

## Measured

| container | first answer, CPU of it | MB idle | MB loaded | idle, % of a core | threads |
| --- | --- | --- | --- | --- | --- |
${found.map(row).join('\n')}
`;
mkdirSync(values.results, { recursive: true });
writeFileSync(
  join(values.results, 'footprint.json'),
  `${JSON.stringify({ machine, sizes, goals, found }, null, 2)}\n`,
);
writeFileSync(join(values.results, 'footprint.md'), report);
console.log(report);

function middle(all: readonly Stay[]): Stay {
  const [first] = all;
  if (first === undefined) throw new Error('nothing was measured');
  const of = (pick: (one: Stay) => number) => median(all.map(pick));
  const memory = (when: 'idle' | 'loaded') => ({
    rss: of((one) => one[when].rss),
    pss: of((one) => one[when].pss),
    private: of((one) => one[when].private),
  });
  return {
    name: first.name,
    first: {
      ms: median(firsts[first.name].map(({ ms }) => ms)),
      cpuMs: median(firsts[first.name].map(({ cpuMs }) => cpuMs)),
    },
    idle: memory('idle'),
    loaded: memory('loaded'),
    idlePercent: of((one) => one.idlePercent),
    threads: of((one) => one.threads),
  };
}

function row({ name, first, idle, loaded, idlePercent, threads }: Stay): string {
  const memory = ({ rss, pss, private: own }: Stay['idle']) =>
    [rss, pss, own].map((bytes) => (bytes / 1e6).toFixed(0)).join(', ');
  return `| ${[name, `${first.ms.toFixed(0)} ms, ${first.cpuMs.toFixed(0)} ms`, memory(idle), memory(loaded), idlePercent.toFixed(3), threads].join(' | ')} |`;
}

function folderBytes(folder: string): number {
  return globSync('**', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
