import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Contest } from './contest.ts';
import { hold } from './contest.ts';
import { describeMachine } from './machine.ts';
import { build } from './podmates.ts';
import { writeReport } from './report.ts';

export interface SuiteOptions {
  /** Less work and fewer rounds: to see that it runs, not to quote. */
  readonly quick: boolean;
}

type Suite = (options: SuiteOptions) => AsyncIterable<Contest>;

const suites: Readonly<Record<string, () => Promise<{ contests: Suite }>>> = {
  adapter: () => import('./adapter.ts'),
  ambassador: () => import('./ambassador.ts'),
  'log-tail': () => import('./log-tail.ts'),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    /** Measures what was made the last time. */
    'no-build': { type: 'boolean', default: false },
    results: { type: 'string', default: join(import.meta.dirname, 'results') },
  },
});
/** Suites that are no contests: programs of their own, with the same options. */
const measurements = ['footprint', 'growth'];

const chosen = positionals.length > 0 ? positionals : [...Object.keys(suites), ...measurements];
if (!values['no-build']) build();
execFileSync('npm', ['ci', '--silent', '--no-audit', '--no-fund'], {
  cwd: join(import.meta.dirname, 'contestants'),
  stdio: 'inherit',
});
for (const name of chosen) {
  if (measurements.includes(name)) {
    const args = [join(import.meta.dirname, `${name}.ts`), '--results', values.results];
    if (values.quick) args.push('--quick');
    if (values.only !== undefined && name === 'growth') args.push('--only', values.only);
    execFileSync(process.execPath, args, { stdio: 'inherit' });
    continue;
  }
  const load = suites[name];
  if (load === undefined) {
    console.error(
      `no suite "${name}"; there are ${[...Object.keys(suites), ...measurements].join(', ')}`,
    );
    process.exit(2);
  }
  const { contests } = await load();
  const machine = describeMachine();
  const results = [];
  for await (const contest of contests({ quick: values.quick })) {
    if (values.only !== undefined && !contest.name.includes(values.only)) {
      for (const one of contest.contestants) await one.close?.();
      continue;
    }
    results.push(
      await hold(contest, Number(values.rounds ?? (values.quick ? 2 : 5)), (line) =>
        console.error(line),
      ),
    );
  }
  console.log(writeReport(values.results, name, machine, results));
}
