import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { startProgram } from './program.ts';

async function listen(server: Server): Promise<number> {
  after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('the program with an adapter of its own makes a page of what memcached says', async () => {
  const memcached = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write('STAT version 1.6.18\r\nSTAT cmd_get 41\r\nSTAT curr_it');
      socket.write('ems 7\r\nSTAT bytes 2048\r\nEND\r\n');
    });
  });
  const port = await listen(memcached);
  const program = await startProgram('library-adapter', {
    LISTEN: '127.0.0.1:0',
    MEMCACHED_PORT: String(port),
  });
  const page = await (await fetch(`http://${program.addresses['admin']}/metrics`)).text();
  assert.match(page, /^memcached_commands_total\{command="get"\} 41$/m);
  assert.match(page, /^memcached_items 7$/m);
  assert.match(page, /^memcached_version_info\{version="1\.6\.18"\} 1$/m);
  assert.equal(await program.stop(), 0);
});

test('the program with a sink of its own pages somebody for errors, and only for them', async () => {
  const pages: { title: string; errors: number }[] = [];
  let refusals = 1;
  const pager = createServer(async (request, response) => {
    const page = (await json(request)) as { title: string; errors: number };
    response.writeHead(refusals > 0 ? 503 : 202);
    if (refusals === 0) pages.push(page);
    refusals = 0;
    response.end();
  });
  const port = await listen(pager);
  const logs = mkdtempSync(join(tmpdir(), 'podmates-sink-'));
  const program = await startProgram('library-sink', {
    LISTEN: '127.0.0.1:0',
    LOG_DIR: logs,
    STATE_DIR: mkdtempSync(join(tmpdir(), 'podmates-state-')),
    PAGER_URL: `http://127.0.0.1:${port}/pages`,
  });
  const lines = [
    { level: 'info', message: 'well' },
    { level: 'error', message: 'the printer is on fire' },
  ];
  writeFileSync(join(logs, 'app.log'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await awaitUntil(() => pages.length > 0, { what: 'a page, after the pager had been down' });
  assert.deepEqual(
    pages.map(({ title, errors }) => [title, errors]),
    [['the printer is on fire', 1]],
  );
  assert.equal(await program.stop(), 0);
  pager.closeAllConnections();
});

test('the program with an authenticator of its own lets badges in', async () => {
  const app = createServer(({ headers }, response) => {
    response.end(`${headers['x-user']} ${headers['x-badge'] ?? 'no badge'}`);
  });
  const port = await listen(app);
  const program = await startProgram('library-authenticator', {
    LISTEN: '127.0.0.1:0',
    ADMIN_LISTEN: '127.0.0.1:0',
    APP_URL: `http://127.0.0.1:${port}`,
  });
  const ask = async (path: string, badge?: string) => {
    const headers: Record<string, string> = badge === undefined ? {} : { 'x-badge': badge };
    const response = await fetch(`http://${program.addresses['http']}${path}`, { headers });
    return [response.status, await response.text()] as const;
  };
  assert.equal((await ask('/hall'))[0], 401);
  assert.equal((await ask('/hall', 'red'))[0], 401);
  assert.deepEqual(await ask('/hall', 'blue'), [200, 'blue no badge']);
  assert.equal((await ask('/lounge/bar', 'blue'))[0], 403);
  assert.deepEqual(await ask('/lounge/bar', 'gold'), [200, 'gold no badge']);
  assert.equal(await program.stop(), 0);
  app.closeAllConnections();
});
