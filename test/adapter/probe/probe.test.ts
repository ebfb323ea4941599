import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { lintPage } from '../../../sidecars/adapter/index.ts';
import {
  type RunningAdapter,
  startAdapter,
  startServer,
  type TestServer,
} from '../running-adapter.ts';

let app: TestServer;
let other: TestServer;
let adapter: RunningAdapter;

before(async () => {
  app = await startServer(({ path }) => ({
    body: path.includes('broken') ? '{' : '{"requests": 3}',
  }));
  other = await startServer(() => ({ body: '{"requests": 4}' }));
  process.env['PROBE_TEST_TOKEN'] = 'very-secret';
  const module = {
    auth: { bearer: { env: 'PROBE_TEST_TOKEN' } },
    metrics: [{ counter: 'requests_total', help: 'Requests.', value: 'requests' }],
  };
  adapter = await startAdapter({
    sources: { app: { url: `${app.url}/stats` }, gone: { url: 'http://127.0.0.1:1/' } },
    probe: {
      targets: [app.url, `http://localhost:${app.port}`, 'http://*:*'],
      addresses: [],
      modules: { shop: module },
    },
  });
});
after(async () => {
  await adapter.container.stop();
  await app.close();
  await other.close();
});

async function probe(query: Readonly<Record<string, string>>) {
  const response = await fetch(`${adapter.url}/probe?${new URLSearchParams(query)}`);
  return { status: response.status, text: await response.text() };
}

test('a listed target is asked, with the credentials of the module and its own query', async () => {
  const { status, text } = await probe({ module: 'shop', target: `${app.url}/stats?full=1` });
  assert.equal(status, 200);
  assert.match(text, /^requests_total 3$/m);
  assert.match(text, /^probe_success 1$/m);
  assert.match(text, /^probe_duration_seconds 0\.\d+/m);
  assert.match(text, /^probe_samples_dropped 0$/m);
  assert.deepEqual(lintPage(text), []);
  const asked = app.received.at(-1);
  assert.equal(asked?.path, '/stats?full=1');
  assert.equal(asked?.headers.authorization, 'Bearer very-secret');
});

test('a target off the list is refused, and never sees the credentials', async () => {
  for (const target of [
    other.url,
    `${other.url}/#${app.url}`,
    'http://169.254.169.254/latest',
    'ftp://x',
    `http://me:pw@127.0.0.1:${app.port}`,
  ]) {
    const { status, text } = await probe({ module: 'shop', target });
    assert.equal(status, 403, target);
    assert.doesNotMatch(text, /very-secret/);
  }
  assert.equal(other.received.length, 0);
});

test('a name that leads to an address which is not listed is refused when it is looked up', async () => {
  const asked = app.received.length;
  const { status, text } = await probe({
    module: 'shop',
    target: `http://localhost:${app.port}/stats`,
  });
  assert.equal(status, 200);
  assert.match(text, /^probe_success 0$/m);
  assert.equal(app.received.length, asked);
});

test('a target that cannot be understood is no success, and no failure of the scrape', async () => {
  const { status, text } = await probe({ module: 'shop', target: `${app.url}/broken` });
  assert.equal(status, 200);
  assert.match(text, /^probe_success 0$/m);
  assert.doesNotMatch(text, /requests_total/);
  const debug = await probe({ module: 'shop', target: `${app.url}/broken`, debug: 'true' });
  assert.match(debug.text, /^shop: failed \(parse\): .*JSON/m);
});

test('one source of the page can be asked alone', async () => {
  const well = await probe({ source: 'app' });
  assert.match(well.text, /^requests_total 3$/m);
  assert.match(well.text, /^probe_success 1$/m);
  assert.match((await probe({ source: 'gone' })).text, /^probe_success 0$/m);
});

test('a question that makes no sense is 400', async () => {
  assert.equal((await probe({})).status, 400);
  assert.equal((await probe({ module: 'shop' })).status, 400);
  assert.equal((await probe({ module: '__proto__', target: app.url })).status, 400);
  assert.equal((await probe({ source: 'nobody' })).status, 400);
});

test('a module whose files are missing fails its probes, until they are there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-'));
  const file = join(folder, 'late.ts');
  const late = await startAdapter({
    probe: { targets: [app.url], modules: { late: { module: file } } },
  });
  const ask = async () => {
    const response = await fetch(`${late.url}/probe?module=late&target=${app.url}&debug=true`);
    return { status: response.status, text: await response.text() };
  };
  try {
    const missing = await ask();
    assert.equal(missing.status, 200);
    assert.match(missing.text, /^late: cannot load the module .*late\.ts/m);
    assert.match(missing.text, /^probe_success 0$/m);
    const code = `export default { name: 'late', collect: (input, metrics) => metrics.gauge('late').add(input.json().requests) };`;
    writeFileSync(file, code);
    assert.match((await ask()).text, /^late 3$/m);
  } finally {
    await late.container.stop();
    rmSync(folder, { recursive: true });
  }
});

test('nobody may be asked when no target is listed', async () => {
  const closed = await startAdapter({
    probe: { modules: { shop: { metrics: [{ gauge: 'x', value: 'x' }] } } },
  });
  try {
    const response = await fetch(`${closed.url}/probe?module=shop&target=${app.url}`);
    assert.equal(response.status, 403);
    assert.match(await response.text(), /not in probe\.targets/);
  } finally {
    await closed.container.stop();
  }
});
