import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawChart } from './chart.ts';
import type { Result, Standing } from './contest.ts';
import { goalTable, judge } from './goals.ts';
import type { Machine } from './machine.ts';
import { seconds } from './span.ts';

/** Writes a suite's results as JSON, as Markdown tables, and each contest as a picture. */
export function writeReport(
  folder: string,
  suite: string,
  machine: Machine,
  results: readonly Result[],
): string {
  mkdirSync(folder, { recursive: true });
  const goals = judge(suite, results);
  writeFileSync(
    join(folder, `${suite}.json`),
    `${JSON.stringify({ machine, goals, results }, null, 2)}\n`,
  );
  for (const result of results) {
    writeFileSync(join(folder, `${fileName(suite, result)}.svg`), drawChart(result));
  }
  const markdown = [
    `# ${suite}`,
    describe(machine),
    `## Goals\n\n${goalTable(goals)}`,
    ...results.map((one) => section(suite, one)),
  ].join('\n\n');
  writeFileSync(join(folder, `${suite}.md`), `${markdown}\n`);
  return markdown;
}

function describe({ date, cpu, cores, memoryGiB, kernel, system, node, load }: Machine): string {
  return `Measured ${date} on ${cores} cores of ${cpu}, ${memoryGiB} GiB, ${system}, Linux ${kernel}, Node ${node}; load ${load} when the run began. Compare only within one table.`;
}

function section(suite: string, result: Result): string {
  const ours = result.standings.find((one) => one.ours);
  const counted = result.standings.some((one) => one.lost !== undefined);
  const rows = result.standings.map((one) => row(one, ours, counted));
  return [
    `## ${result.name}`,
    `![${result.name}](${fileName(suite, result)}.svg)`,
    [
      `| | CPU per ${result.unit} [lowest to highest] | times ours | ${result.unit}s/s | p50 ms | p99 ms | MB resident |${counted ? ' lost | doubled |' : ''}`,
      `| --- | --- | --- | --- | --- | --- | --- |${counted ? ' --- | --- |' : ''}`,
      ...rows,
    ].join('\n'),
    `Median of ${result.rounds} alternating rounds.`,
    ...result.remarks,
    ...result.missing.map((one) => `Not taking part: ${one}.`),
  ].join('\n\n');
}

function row(one: Standing, ours: Standing | undefined, counted: boolean): string {
  const { median, min, max } = one.cpuPerUnit;
  const ratio = ours === undefined ? '' : (median / ours.cpuPerUnit.median).toFixed(2);
  const name = one.ours ? `**${one.name}**` : one.name;
  const cells = [
    name,
    `${seconds(median)} [${seconds(min)} to ${seconds(max)}]`,
    ratio,
    one.unitsPerSecond.toPrecision(3),
    one.p50Ms?.toPrecision(3) ?? '',
    one.p99Ms?.toPrecision(3) ?? '',
    (one.residentBytes / 1e6).toFixed(0),
    ...(counted ? [one.lost ?? '', one.doubled ?? ''] : []),
  ];
  return `| ${cells.join(' | ')} |`;
}

function fileName(suite: string, { name }: Result): string {
  return `${suite}-${name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')}`;
}
