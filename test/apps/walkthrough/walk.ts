import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { awaitUntil } from '../../await-until.ts';
import { type ContainerProcess, startContainer } from '../../container-process.ts';
import { freePort, type Prometheus, startPrometheus } from '../prometheus.ts';

export const projectRoot = join(import.meta.dirname, '../../..');

export interface Walk {
  /** What `adapter suggest` drafted. */
  readonly draft: string;
  /** What `adapter try` showed. */
  readonly page: string;
  readonly prometheus: Prometheus;
  stop(): Promise<void>;
}

/** Goes the way of the README's second step, on the app of examples/adapter-json, up to Prometheus. */
export async function walk(): Promise<Walk> {
  const folder = await mkdtemp(join(tmpdir(), 'podmates-walkthrough-'));
  const started: { app?: ChildProcess; adapter?: ContainerProcess; prometheus?: Prometheus } = {};
  const stop = async () => {
    await started.prometheus?.stop();
    await started.adapter?.stop();
    if (started.app !== undefined) await end(started.app);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const port = await freePort();
    started.app = await startApp(port);
    await installCommand(folder);
    const commands = await readCommands(port);
    let page = '';
    for (const command of commands) page = await shell(command, folder);
    const draft = await readFile(join(folder, 'podmates.yaml'), 'utf8');
    // The one thing that a user does not change: here many run beside each other, on ports of their own.
    started.adapter = await startContainer(
      'adapter',
      `${draft}\n  admin: { listen: "127.0.0.1:0" }\n`,
    );
    const target = started.adapter.addresses['admin'] ?? '';
    started.prometheus = await startPrometheus(
      `  - job_name: worker\n    static_configs: [{ targets: ["${target}"] }]\n`,
    );
    return { draft, page, prometheus: started.prometheus, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startApp(port: number): Promise<ChildProcess> {
  const file = join(projectRoot, 'examples/adapter-json/app.mjs');
  const env = { ...process.env, PORT: String(port) };
  const app = spawn(process.execPath, [file], { stdio: 'inherit', env });
  await awaitUntil(async () => (await fetch(`http://127.0.0.1:${port}/status`)).ok, {
    what: 'the app answers',
  });
  return app;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill();
  await once(child, 'exit', { signal: AbortSignal.timeout(10_000) });
}

/** Makes `npx podmates` find the sources; that the package installs is proved in test/package. */
async function installCommand(folder: string): Promise<void> {
  const bin = join(folder, 'node_modules/.bin');
  await mkdir(bin, { recursive: true });
  const entry = join(projectRoot, 'sidecars/cli/podmates.ts');
  const file = join(bin, 'podmates');
  await writeFile(file, `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`);
  await chmod(file, 0o755);
}

/** The commands of the README that draft a mapping and try it, word for word but for the address of the app. */
async function readCommands(port: number): Promise<readonly string[]> {
  const readme = await readFile(join(projectRoot, 'README.md'), 'utf8');
  const commands = readme
    .split('\n')
    .filter((line) => /^npx podmates adapter (suggest|try) /.test(line))
    .map((line) => line.replace('127.0.0.1:8080/stats', `127.0.0.1:${port}/status`));
  if (commands.length !== 2) throw new Error(`README.md has ${commands.length} of the 2 commands`);
  return commands;
}

async function shell(command: string, cwd: string): Promise<string> {
  const child = spawn('sh', ['-c', command], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const output: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const [code] = await once(child, 'close', { signal: AbortSignal.timeout(60_000) });
  if (code !== 0) throw new Error(`${command}: ended with ${code}`);
  return output.join('');
}
