import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Curve, drawCurve, growsAs, judgeGrowth } from './curve.ts';
import { goalTable } from './goals.ts';
import { growSeries } from './growth-adapter.ts';
import { ambassadorCurves } from './growth-ambassador.ts';
import { growFiles, growLines } from './growth-log-tail.ts';
import { describeMachine, type Machine } from './machine.ts';
import { seconds } from './span.ts';

/** How much of each curve is measured. */
export interface Growth {
  sizes(...all: readonly number[]): readonly number[];
  readonly loadSeconds: number;
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    results: { type: 'string', default: join(import.meta.dirname, 'results') },
  },
});
const growth: Growth = {
  sizes: (...all) => (values.quick ? endsAndMiddle(all) : all),
  loadSeconds: values.quick ? 1 : 2, // three times
};
/** A curve with when and where it was measured: each may be of a run of its own. */
interface Measured extends Curve {
  readonly machine: Machine;
}

const machine = describeMachine();
const file = join(values.results, 'growth.json');
let curves = readCurves();
mkdirSync(values.results, { recursive: true });
for await (const curve of draw()) {
  console.error(
    curve.name,
    curve.points.map((p) => `${p.size}: ${seconds(p.cpuPerUnit)}`).join(', '),
  );
  curves = [...curves.filter(({ name }) => name !== curve.name), { ...curve, machine }].sort(
    (one, other) => (one.name < other.name ? -1 : 1),
  );
  write(); // each at once: what breaks the next one leaves it
}
console.log(readFileSync(join(values.results, 'growth.md'), 'utf8'));

async function* draw(): AsyncIterable<Curve> {
  if (wanted('adapter: series')) yield await growSeries(growth);
  yield* ambassadorCurves(growth, wanted);
  if (wanted('log-tail: files')) yield await growFiles(growth);
  if (wanted('log-tail: lines')) yield await growLines(growth);
}

function wanted(name: string): boolean {
  return values.only === undefined || name.includes(values.only);
}

function readCurves(): Measured[] {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).curves : [];
}

function write(): void {
  const goals = curves.map(judgeGrowth);
  writeFileSync(file, `${JSON.stringify({ goals, curves }, null, 2)}\n`);
  for (const curve of curves) writeFileSync(join(values.results, picture(curve)), drawCurve(curve));
  const report = [
    '# growth',
    'CPU time is that of the process; a level line means that the work grows and its cost with it, no faster.',
    `## Goals\n\n${goalTable(goals)}`,
    ...curves.map(section),
  ].join('\n\n');
  writeFileSync(join(values.results, 'growth.md'), `${report}\n`);
}

function endsAndMiddle(all: readonly number[]): readonly number[] {
  const kept = new Set([0, Math.floor(all.length / 2), all.length - 1]);
  return all.filter((_, index) => kept.has(index));
}

function section(curve: Measured): string {
  const { date, cores, cpu, node, load } = curve.machine;
  const cheapest = Math.min(...curve.points.map((one) => one.cpuPerUnit));
  const rows = curve.points.map(
    ({ size, cpuPerUnit, residentBytes }) =>
      `| ${size.toLocaleString('en')} | ${seconds(cpuPerUnit)} | ${(cpuPerUnit / cheapest).toFixed(2)} | ${(residentBytes / 1e6).toFixed(0)} |`,
  );
  const table = [
    `| ${curve.size} | CPU per ${curve.unit} | times the cheapest | MB resident |`,
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
  return [
    `## ${curve.name}`,
    `![${curve.name}](${picture(curve)})`,
    table,
    `Measured ${date} on ${cores} cores of ${cpu}, Node ${node}; load ${load} when the run began.`,
    `Fitted to all points, the cost of a ${curve.unit} is proportional to (${curve.size})^${growsAs(curve.points).toFixed(2)}.`,
    ...(curve.remark === undefined ? [] : [curve.remark]),
  ].join('\n\n');
}

function picture({ name }: Curve): string {
  return `growth-${name.replace(/\W+/g, '-')}.svg`;
}
