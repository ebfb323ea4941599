import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { lintPage } from '../../sidecars/adapter/index.ts';
import { startServer } from '../adapter/running-adapter.ts';

const entry = join(import.meta.dirname, '../../sidecars/cli/podmates.ts');

interface Served {
  readonly url: string;
  stop(): Promise<unknown>;
}

/** `podmates adapter …` in a process of its own, which is up when it says where. */
async function serve(...args: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, [entry, 'adapter', ...args, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: child.stderr })) {
    const { addresses } = JSON.parse(line) as { addresses?: { admin?: string } };
    if (addresses?.admin === undefined) continue;
    const stop = async () => {
      child.kill('SIGTERM');
      const [code] = await once(child, 'exit');
      return code;
    };
    return { url: `http://${addresses.admin}`, stop };
  }
  throw new Error('it ended without saying where it listens');
}

test('a URL is all it takes: a page of the document, which follows the document', async () => {
  let document: unknown = { requests: 1, queues: { a: { depth: 1 } } };
  const app = await startServer(() => ({ body: JSON.stringify(document) }));
  const adapter = await serve('--url', `${app.url}/stats`, '--prefix', 'shop_');
  const first = await (await fetch(`${adapter.url}/metrics`)).text();
  assert.match(first, /^shop_requests_total 1$/m);
  assert.match(first, /^shop_queue_depth\{queue="a"\} 1$/m);
  assert.match(first, /^podmates_adapter_source_up\{source="app"\} 1$/m);
  document = { requests: 2, queues: { a: { depth: 1 }, b: { depth: 5 } }, errors: 3 };
  const second = await (await fetch(`${adapter.url}/metrics`)).text();
  assert.match(second, /^shop_requests_total 2$/m);
  assert.match(second, /^shop_queue_depth\{queue="b"\} 5$/m);
  assert.match(second, /^shop_errors_total 3$/m);
  assert.deepEqual(
    lintPage(second).filter(({ severity }) => severity === 'error'),
    [],
  );
  assert.equal(await adapter.stop(), 0);
  await app.close();
});

test('a preset needs no config either', async () => {
  const app = await startServer(({ path }) => ({
    body: path.startsWith('/varz') ? '{"connections": 4, "version": "2.9"}' : '{}',
  }));
  const adapter = await serve('--preset', 'nats', '--url', app.url);
  const page = await (await fetch(`${adapter.url}/metrics`)).text();
  assert.match(page, /^nats_connections 4$/m);
  assert.match(page, /^podmates_adapter_source_up\{source="app\/varz"\} 1$/m);
  assert.equal(await adapter.stop(), 0);
  await app.close();
});
