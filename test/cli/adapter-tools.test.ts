import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../adapter/running-adapter.ts';
import { callPodmates } from './call-podmates.ts';
import { runPodmates } from './run-podmates.ts';

let directory: string;
let app: TestServer;
let served = 0;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'podmates-cli-'));
  app = await startServer(() => {
    served += 1;
    return { body: JSON.stringify({ jobs: served * 10, depth: served % 2, name: 'shop' }) };
  });
});
after(async () => {
  await app.close();
  await rm(directory, { recursive: true });
});

async function podmates(...args: readonly string[]) {
  const { code, stdout: out, stderr: err } = await callPodmates(args);
  return { code, out, err };
}

async function write(name: string, content: unknown): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

test('suggest drafts from a live document, with counters that it saw rise, and check is content', async () => {
  const { code, out } = await podmates('adapter', 'suggest', '--interval', '0', `${app.url}/stats`);
  assert.equal(code, 0);
  assert.match(out, /from 3 samples of http:/);
  assert.match(out, /# it rose in every sample\n +- counter: jobs_total/);
  assert.match(out, /gauge: depth/);
  const file = await write('suggested.yaml', out);
  assert.equal((await podmates('check', file)).code, 0);
  const page = await podmates('adapter', 'try', '-c', file);
  assert.equal(page.code, 0);
  assert.match(page.out, /^jobs_total \d+$/m);
});

test('suggest reads files, each a sample; a name with a variable in it stays as it is', async () => {
  const file = await write('stats.json', {
    '${HOME}': 1,
    queues: { a: { depth: 1 }, b: { depth: 2 } },
  });
  const { code, out } = await podmates('adapter', 'suggest', '--prefix', 'shop_', file);
  assert.equal(code, 0);
  const config = await write('file.yaml', out);
  const page = await podmates('adapter', 'try', '-c', config);
  assert.equal(page.err, '');
  assert.match(page.out, /^shop_home 1$/m);
  assert.match(page.out, /^shop_queue_depth\{queue="b"\} 2$/m);
});

test('suggest sends the headers it is given, and keeps them out of the config', async () => {
  const header = 'Authorization: Bearer very-secret';
  const { out } = await podmates('adapter', 'suggest', '--samples', '1', '-H', header, app.url);
  assert.equal(app.received.at(-1)?.headers.authorization, 'Bearer very-secret');
  assert.doesNotMatch(out, /very-secret/);
  assert.equal((await podmates('adapter', 'suggest', '-H', 'nonsense', app.url)).code, 2);
  const inUrl = await podmates('adapter', 'suggest', app.url.replace('//', '//me:pw@'));
  assert.equal(inUrl.code, 2);
  assert.match(inUrl.err, /must not carry credentials; send them with -H/);
});

test('suggest says what is no document', async () => {
  assert.equal((await podmates('adapter', 'suggest')).code, 2);
  const broken = await podmates('adapter', 'suggest', await write('broken.json', '{'));
  assert.equal(broken.code, 1);
  assert.match(broken.err, /broken\.json: the document is not JSON/);
  for (const nothing of ['3', '{}', '{"text": "only"}']) {
    const bare = await podmates('adapter', 'suggest', await write('bare.json', nothing));
    assert.deepEqual({ code: bare.code, out: bare.out }, { code: 1, out: '' }, nothing);
    assert.match(bare.err, /no number, state or version/);
  }
  const page = await podmates('adapter', 'suggest', await write('page', '# TYPE x gauge\nx 1\n'));
  assert.match(page.err, /page of Prometheus already; say "format: prometheus"/);
  const noScheme = await podmates('adapter', 'suggest', '127.0.0.1:8080/stats');
  assert.match(noScheme.err, /a URL begins with http:\/\//);
});

test('several documents after each other are drafted as rows, and read the same without a config', async () => {
  const several = await startServer(() => ({
    body: '{"worker":"a","jobs":1}\n{"worker":"b","jobs":2}\n',
  }));
  try {
    const { code, out } = await podmates('adapter', 'suggest', '--samples', '1', several.url);
    assert.equal(code, 0);
    assert.match(out, /^ +format: ndjson$/m);
    const drafted = await podmates('adapter', 'try', '-c', await write('several.yaml', out));
    assert.match(drafted.out, /\{worker="b"\} 2$/m);
    const once = await podmates('adapter', '--url', several.url, '--once');
    assert.equal(once.err, '');
    assert.match(once.out, /\{worker="b"\} 2$/m);
  } finally {
    await several.close();
  }
});

test('try prints the page of a sample, what was dropped and the lint, and exits 1 when data is lost', async () => {
  const config = await write('try.yaml', {
    adapter: {
      sources: {
        shop: {
          url: 'http://127.0.0.1:1/',
          metrics: [
            { each: 'rows[*]', labels: { n: 'n' }, metrics: [{ gauge: 'row_ms', value: 'v' }] },
          ],
        },
      },
    },
  });
  const sample = await write('rows.json', {
    rows: [
      { n: 'a', v: 1 },
      { n: 'a', v: 2 },
    ],
  });
  const { code, out, err } = await podmates('adapter', 'try', '-c', config, sample);
  assert.equal(code, 1);
  assert.match(out, /^row_ms\{n="a"\} 1$/m);
  assert.match(err, /^shop: dropped \(duplicate\): row_ms/m);
  assert.match(err, /abbreviated units/);
  const json = JSON.parse((await podmates('adapter', 'try', '-c', config, '--json', sample)).out);
  assert.equal(json.sources[0].dropped[0].reason, 'duplicate');
  assert.equal(json.findings[0].severity, 'warning');
  const failed = await podmates('adapter', 'try', '-c', config);
  assert.equal(failed.code, 1);
  assert.match(failed.err, /shop: failed: .*ECONNREFUSED/);
});

test('try asks which source a sample stands in for when there are several', async () => {
  const source = { url: 'http://127.0.0.1:1/', metrics: [{ gauge: 'v', help: 'V.', value: 'v' }] };
  const config = await write('several.yaml', {
    adapter: { sources: { a: source, b: { ...source, prefix: 'b_' } } },
  });
  const sample = await write('v.json', { v: 4 });
  const which = await podmates('adapter', 'try', '-c', config, sample);
  assert.equal(which.code, 2);
  assert.match(which.err, /--source: expected one of a, b/);
  const page = await podmates('adapter', 'try', '-c', config, '--source', 'b', sample);
  assert.equal(page.code, 0);
  assert.match(page.out, /^b_v 4$/m);
});

test('convert prints a config that check accepts, and notes with places', async () => {
  const old = await write(
    'json_exporter.yml',
    "modules:\n  shop:\n    metrics:\n    - name: n\n      path: '{.n}'\n      epochTimestamp: '{.t}'\n",
  );
  const probe = await podmates('adapter', 'convert', old);
  assert.equal(probe.code, 0);
  assert.match(probe.err, /json_exporter\.yml:6:\d+: left out/);
  const modules = await write('probe.yaml', probe.out);
  assert.equal((await podmates('check', modules)).code, 0);
  const tried = await podmates(
    'adapter',
    'try',
    '-c',
    modules,
    await write('seven.json', { n: 7 }),
  );
  assert.match(tried.out, /^n 7$/m);
  assert.equal((await podmates('adapter', 'convert', '--strict', old)).code, 1);
  const source = await podmates('adapter', 'convert', '--url', 'http://127.0.0.1:1/s', old);
  const config = await write('source.yaml', source.out);
  const page = await podmates('adapter', 'try', '-c', config, await write('n.json', { n: '7' }));
  assert.match(page.out, /^n 7$/m);
  assert.equal(
    (await podmates('adapter', 'convert', '--module', 'x', '--url', 'http://a', old)).code,
    2,
  );
  assert.equal(
    await podmates('adapter', 'convert', await write('bad.yml', 'a: [')).then(({ code }) => code),
    2,
  );
  const none = await podmates('adapter', 'convert', await write('none.yml', 'version: 1'));
  assert.deepEqual({ code: none.code, out: none.out }, { code: 1, out: '' });
  assert.match(none.err, /no modules: is this a config of json_exporter/);
});

test('presets are listed, and printed by name', async () => {
  assert.match((await podmates('adapter', 'presets')).out, /^nats +NATS/m);
  const list = JSON.parse((await podmates('adapter', 'presets', '--json')).out);
  assert.ok(list.some(({ name }: { name: string }) => name === 'haproxy'));
  assert.match((await podmates('adapter', 'presets', 'nats')).out, /nats_connections/);
  const near = await podmates('adapter', 'presets', 'natz');
  assert.equal(near.code, 2);
  assert.match(near.err, /did you mean "nats"/);
});

test('--once prints the page of a URL without any config, and fails when the app is not there', async () => {
  const { code, out } = await podmates(
    'adapter',
    '--url',
    `${app.url}/stats`,
    '--prefix',
    'shop_',
    '--once',
  );
  assert.equal(code, 0);
  assert.match(out, /^shop_depth [01]$/m);
  const gone = await podmates('adapter', '--url', 'http://127.0.0.1:1/', '--once');
  assert.equal(gone.code, 1);
  assert.match(gone.err, /ECONNREFUSED/);
});

test('--once waits for a module that waits for nothing, until its time is over', async () => {
  const module = await write(
    'never.ts',
    `export default { name: 'never', collect: () => new Promise(() => {}) };`,
  );
  const sources = { never: { module, timeout: '200ms' } };
  const config = await write('never.yaml', { adapter: { sources } });
  const { code, stderr } = await runPodmates(['adapter', '--once', '-c', config]);
  assert.equal(code, 1);
  assert.match(stderr, /^podmates: never: no answer in time/m);
});

test('--once says when a document has nothing to make metrics of', async () => {
  const config = await write('bare.yaml', {
    adapter: { sources: { app: { file: await write('bare.json', 5) } } },
  });
  const { code, out, err } = await podmates('adapter', '--once', '-c', config);
  assert.deepEqual({ code, out }, { code: 0, out: '' });
  assert.match(err, /every source answered, and no metric came of it/);
  const tried = await podmates('adapter', 'try', '-c', config);
  assert.match(tried.err, /every source answered, and no metric came of it/);
});

test('each tool has a help of its own, and a wrong name is told', async () => {
  for (const tool of ['suggest', 'try', 'convert', 'presets']) {
    const { code, out } = await podmates('adapter', tool, '--help');
    assert.equal(code, 0);
    assert.ok(out.startsWith(`podmates adapter ${tool}`), out);
  }
  const wrong = await podmates('adapter', 'sugest');
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /did you mean "suggest"/);
});
