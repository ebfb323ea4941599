import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { awaitUntil } from '../../await-until.ts';
import { startContainer } from '../../container-process.ts';

const count = 10_000;
/** As many as the kernel's queue of new connections holds with ease. */
const atOnce = 200;
const idleSeconds = 10;
const request = 'GET /page HTTP/1.1\r\nHost: app\r\n\r\n';

/** Opens a connection that makes one request and stays; undefined if it was closed unheard. */
async function visit(port: number, from: string): Promise<Socket | undefined> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(request);
  return new Promise((resolve) => {
    socket.once('data', () => resolve(socket));
    socket.once('close', () => resolve(undefined));
  });
}

/** CPU seconds of a process so far. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

test(`${count} idle connections: all are served and kept, one more is not, and they cost memory but no CPU`, {
  timeout: 180_000,
}, async (t) => {
  const app = createServer((_request, response) => response.end('x'));
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  const container = await startContainer(
    'ambassador',
    `ambassador:
  listen: "127.0.0.1:0"
  admin: {listen: "127.0.0.1:0"}
  accessLog: none
  shutdown: {delay: 0ms, deadline: 10s}
  limits: {connections: ${count}, idle: 10m}
  upstream: http://127.0.0.1:${(app.address() as AddressInfo).port}
  routes: [{path: /**, public: true}]
`,
  );
  t.after(async () => {
    await container.stop('SIGKILL');
    app.closeAllConnections();
    app.close();
  });
  const port = Number(container.addresses['http']?.split(':').at(-1));
  const metric = async (name: string) => {
    const text = await (await fetch(`http://${container.addresses['admin']}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
  };
  const resident = async () =>
    (await metric('process_resident_memory_bytes{container="ambassador"}')) / 2 ** 20;

  (await visit(port, '127.0.0.2'))?.destroy();
  const before = await resident();
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const wave = Array.from({ length: atOnce }, () => visit(port, '127.0.0.2'));
    for (const socket of await Promise.all(wave)) {
      assert.ok(socket !== undefined, `closed unheard after ${sockets.length}`);
      sockets.push(socket);
    }
  }
  assert.equal(await metric('podmates_ambassador_connections'), count);
  const full = await resident();
  assert.equal(await visit(port, '127.0.0.3'), undefined, 'one more');
  assert.equal(await metric('podmates_ambassador_connections_dropped_total'), 1);

  const cpu = cpuSeconds(container.pid);
  await pause(idleSeconds * 1000);
  const share = (cpuSeconds(container.pid) - cpu) / idleSeconds;
  const [some] = sockets;
  some?.write(request);
  assert.ok(some !== undefined && (await once(some, 'data')).length > 0, 'they still serve');
  assert.ok(sockets.every(({ destroyed }) => !destroyed));
  some.destroy();
  await awaitUntil(async () => (await visit(port, '127.0.0.3'))?.destroy() !== undefined, {
    what: 'a place that was given back is taken again',
  });
  const perConnection = ((full - before) * 1024) / count;
  t.diagnostic(
    `${before.toFixed(0)} MiB before, ${full.toFixed(0)} MiB with ${count}: ${perConnection.toFixed(1)} KiB each; idle CPU ${(share * 100).toFixed(1)} %`,
  );
  assert.ok(perConnection < 32, `${perConnection} KiB for each connection`);
  assert.ok(share < 0.1, `${share} of a core while idle`);

  assert.equal(await container.stop(), 0, 'idle connections do not hold up the end');
});
