import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { awaitUntil } from '../await-until.ts';

const entry = join(import.meta.dirname, '../../sidecars/cli/podmates.ts');

/** `podmates demo` in a process of its own, ended with the test at the latest. */
export function startDemo(t: TestContext, args: readonly string[]) {
  const child = spawn(process.execPath, [entry, 'demo', ...args]);
  let said = '';
  const hear = (chunk: string) => {
    said += chunk;
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  const ended = once(child, 'close').then(() => child.exitCode);
  t.after(() => child.kill('SIGKILL'));
  return {
    said: () => said,
    /** Its exit code. */
    ended,
    /** The address of its page. */
    page: () =>
      awaitUntil(() => /look at it +(http:\S+)/.exec(said)?.[1], {
        timeoutMs: 30_000,
        what: 'the greeting',
      }),
    /** As Ctrl-C does. @returns its exit code */
    interrupt() {
      child.kill('SIGINT');
      return ended;
    },
  };
}
