import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { appendFile, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { createServer, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { startContainer } from '../container-process.ts';

/** An app that takes a while, so that requests are under way whenever a signal comes. */
async function startSlowApp(t: TestContext): Promise<string> {
  const app = createServer((_request, response) => {
    response.write('{"answer":');
    setTimeout(() => response.end('42}'), 40);
  });
  app.listen(0, '127.0.0.1');
  await awaitUntil(() => app.listening, { what: 'the app' });
  t.after(() => {
    app.closeAllConnections();
    app.close();
  });
  return `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
}

type Ending = 'whole' | 'refused' | 'unanswered' | 'cut off';

/** One exchange on a connection of its own: a server that has gone refuses it, which harms nobody. */
function ask(url: string, path: string): Promise<Ending> {
  return new Promise((resolve) => {
    const request = sendRequest(url + path, { agent: false }, (response) => {
      response.resume();
      response.on('close', () => resolve(response.complete ? 'whole' : 'cut off'));
    });
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'unanswered'),
    );
    request.end();
  });
}

/** Asks from several sides at once until told or the server has gone; tells how exchanges ended. */
async function keepAsking(
  url: string,
  path: string,
  until?: AbortSignal,
): Promise<Record<Ending, number>> {
  const endings: Record<Ending, number> = { whole: 0, refused: 0, unanswered: 0, 'cut off': 0 };
  const caller = async () => {
    while (!until?.aborted) {
      const ending = await ask(url, path);
      endings[ending]++;
      if (ending !== 'whole') return;
    }
  };
  await Promise.all(Array.from({ length: 8 }, caller));
  return endings;
}

test('SIGTERM under load: the ambassador cuts off no request and exits with 0', async (t) => {
  const ambassador = await startContainer(
    'ambassador',
    `ambassador:
  listen: "127.0.0.1:0"
  admin: {listen: "127.0.0.1:0"}
  upstream: ${await startSlowApp(t)}
  routes: [{path: /**, public: true}]
  accessLog: none
  shutdown: {delay: 2s, deadline: 20s}
`,
  );
  t.after(() => ambassador.stop('SIGKILL'));
  const url = `http://${ambassador.addresses['http']}`;
  assert.equal(await ask(url, '/'), 'whole');
  // As whoever balances the load does: nobody new is sent there once it says that it is not ready.
  const notReady = new AbortController();
  const asking = keepAsking(url, '/', notReady.signal);
  for (let round = 0; round < 5; round++) assert.equal(await ask(url, '/'), 'whole');
  const ended = ambassador.stop('SIGTERM');
  const admin = `http://${ambassador.addresses['admin']}`;
  const draining = async () => (await fetch(`${admin}/readyz`)).status === 503;
  await awaitUntil(draining, { what: 'not ready' });
  assert.equal(await ask(url, '/'), 'whole', 'who has not noticed yet is still served');
  notReady.abort();
  const endings = await asking;
  assert.equal(await ended, 0);
  assert.deepEqual({ ...endings, whole: 0 }, { whole: 0, refused: 0, unanswered: 0, 'cut off': 0 });
  assert.ok(endings.whole > 8, `${endings.whole} requests`);
});

test('SIGTERM under load: the adapter cuts off no scrape and exits with 0', async (t) => {
  const adapter = await startContainer(
    'adapter',
    `adapter:
  admin: {listen: "127.0.0.1:0"}
  sources:
    app:
      url: ${await startSlowApp(t)}/stats
      metrics: [{gauge: answer, value: answer}]
`,
  );
  t.after(() => adapter.stop('SIGKILL'));
  const url = `http://${adapter.addresses['admin']}`;
  const asking = keepAsking(url, '/metrics');
  await awaitUntil(async () => (await fetch(`${url}/metrics`)).ok, { what: 'a scrape' });
  assert.equal(await adapter.stop('SIGTERM'), 0);
  const endings = await asking;
  // A connection that had not asked anything yet is closed: to Prometheus the target is just gone.
  assert.equal(endings['cut off'], 0);
  assert.ok(endings.whole > 0);
});

test('SIGTERM under load, and a new start: log-tail loses and repeats no line', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'podmates-terminate-'));
  t.after(() => rm(folder, { recursive: true }));
  const log = join(folder, 'app.log');
  const config = `logTail:
  state: ${folder}/state
  inputs: {app: {paths: ["${folder}/*.log"]}}
  admin: {listen: "127.0.0.1:0"}
`;
  let written = 0;
  /** The app's life: it writes as fast as it can, and for a while after the signal. */
  const write = async (until: AbortSignal) => {
    while (!until.aborted) {
      await appendFile(log, `line ${++written}\n`);
      // A file that came and went before anybody looked could not be known.
      if (written % 1000 === 0 && (await arrived()) > written - 1000) {
        await rename(log, `${log}.${written}`);
      }
    }
  };
  const put = await open(join(folder, 'out'), 'a');
  t.after(() => put.close());
  const arrived = async () => (await readFile(join(folder, 'out'), 'utf8')).split('\n').length - 1;

  for (const life of ['first', 'second']) {
    const before = await arrived();
    const logTail = await startContainer('log-tail', config, { stdout: put.fd });
    t.after(() => logTail.stop('SIGKILL'));
    const appEnds = new AbortController();
    t.after(() => appEnds.abort());
    const writing = write(appEnds.signal);
    await awaitUntil(async () => (await arrived()) > before + 500, { what: `${life} lines` });
    const ended = logTail.stop('SIGTERM');
    const atSignal = written;
    await awaitUntil(() => written > atSignal + 200, { what: 'lines after the signal' });
    appEnds.abort();
    await writing;
    assert.equal(await ended, 0);
    assert.equal(await arrived(), written);
  }
  let next = 1;
  for await (const line of createInterface({ input: createReadStream(join(folder, 'out')) })) {
    assert.equal(line, `line ${next++}`);
  }
  assert.equal(next - 1, written);
});
