import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { startContainer } from '../container-process.ts';
import { imageEnvironment } from '../image-environment.ts';
import { restingConfigs } from './resting-configs.ts';

/** What a container of the images may have for itself at rest, in MB: a fifth above November 2026. */
const limit = 26;

/** Told to node before anything else: says when garbage has been collected on demand. */
const saysCollected = `
const collect = globalThis.gc;
globalThis.gc = async (options) => {
  await collect(options);
  console.error(JSON.stringify({ collected: options.flavor }));
};`;

let image = '';

before(() => {
  image = mkdtempSync(join(tmpdir(), 'podmates-rest-'));
  const make = join(import.meta.dirname, '../../sidecars/image/make.ts');
  execFileSync(process.execPath, [make, image]);
  writeFileSync(join(image, 'says-collected.mjs'), saysCollected);
});

after(() => rmSync(image, { recursive: true }));

test('each container gives back what its start left behind, and then rests in little memory', async (t) => {
  const environment = imageEnvironment();
  const hook = `--import=${join(image, 'says-collected.mjs')}`;
  const env = { ...environment, NODE_OPTIONS: `${environment['NODE_OPTIONS']} ${hook}` };
  const entry = join(image, 'dist/cli/podmates.js');
  const measured = Object.entries(restingConfigs).map(async ([name, config]) => {
    const container = await startContainer(name, config, { env, entry });
    const collected = () => container.diagnostics.flatMap((line) => line['collected'] ?? []);
    await awaitUntil(() => collected().length > 0, {
      what: 'garbage collected',
      timeoutMs: 30_000,
    });
    // Pages are returned by another thread, soon.
    const megabytes = await awaitUntil(() => restsWithin(limit, container.pid), {
      what: `${name} in at most ${limit} MB of its own`,
    });
    assert.equal(await container.stop(), 0);
    t.diagnostic(`${name}: ${megabytes.toFixed(1)} MB`);
    assert.ok(megabytes > 10, `${name}: ${megabytes.toFixed(1)} MB`);
    assert.deepEqual(collected(), ['last-resort']);
  });
  await Promise.all(measured);
});

/** @returns what no other process can share, from the kernel's list: proc_pid_status(5) */
function restsWithin(megabytes: number, pid: number): number | undefined {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const own = (Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
  return own < megabytes ? own : undefined;
}
