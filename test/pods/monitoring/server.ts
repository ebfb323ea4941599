import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A server of the Prometheus family that runs as a child process of the test. */
export interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts the program on a free port of `host`, and resolves when it says where it listens: all of
 * them use the same toolkit for that.
 * @throws Error with the last lines of its log when it ends before
 */
export async function startServer(
  program: string,
  args: readonly string[],
  host = '127.0.0.1',
): Promise<Server> {
  const child = spawn(program, [...args, `--web.listen-address=${host}:0`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const address = await findAddress(child, program);
  return {
    url: `http://${address}`,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function findAddress(child: ChildProcess, program: string): Promise<string> {
  if (child.stderr === null) throw new Error(`${program} has no standard error`);
  const said: string[] = [];
  const lines = createInterface({ input: child.stderr });
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${program} does not listen after 60 s:\n${said.join('\n')}`));
    }, 60_000);
    child.once('error', reject);
    lines.on('line', (line) => {
      const address = /"Listening on".* address=(\S+)/.exec(line)?.[1];
      if (said.push(line) > 20) said.shift();
      if (address === undefined) return;
      clearTimeout(late);
      resolve(address);
    });
    child.once('exit', (code) => {
      reject(new Error(`${program} ended with ${code}:\n${said.join('\n')}`));
    });
  });
}
