import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { jwks, mint, now, signingKey } from '../../ambassador/authenticate/issuer.ts';
import { awaitUntil } from '../../await-until.ts';
import { startContainer } from '../../container-process.ts';
import { startPacedLoad } from './paced-load.ts';

const minutes = 60_000;
const perSecond = 1000;
/** As remote-keys.ts promises: no two fetches are closer to one another. */
const gapSeconds = 30;

async function listen(handler: RequestListener) {
  const server = createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/** The only status of a kind of request, for it must not have had two. */
function onlyStatus(counts: ReadonlyMap<number, number> | undefined, name: string): number {
  const statuses = [...(counts ?? [])];
  assert.equal(statuses.length, 1, `${name}: ${JSON.stringify(statuses)}`);
  const [[status, count] = [0, 0]] = statuses;
  assert.ok(count > 100, `${name}: only ${count}`);
  return status;
}

test('the issuer is down for minutes at 1,000 requests/s: known keys serve to the bound, unknown ones wait for nobody, and the issuer is not hammered', {
  timeout: 6 * minutes,
}, async (t) => {
  const key = await signingKey('RS256', 'known');
  const stranger = await signingKey('RS256', 'unknown');
  let state: 'up' | 'refusing' | 'silent' = 'up';
  const asked: number[] = [];
  const issuer = await listen((_request, response) => {
    asked.push(performance.now());
    if (state === 'up') response.end(JSON.stringify(jwks(key)));
    else if (state === 'refusing') response.writeHead(503).end();
  });
  const app = await listen((_request, response) => response.end('x'));
  const container = await startContainer(
    'ambassador',
    `ambassador:
  listen: "127.0.0.1:0"
  admin: {listen: "127.0.0.1:0"}
  accessLog: none
  shutdown: {delay: 0ms}
  limits: {authFailures: 1000000/s}
  upstream: http://127.0.0.1:${app.port}
  auth:
    corp: {type: jwt, issuer: "https://idp.example", audience: [orders], timeout: 5s,
           refresh: 5s, stale: 70s, cache: {ttl: 5s}, jwks: {url: "http://127.0.0.1:${issuer.port}/"}}
  routes: [{path: /**, auth: [corp]}]
`,
  );
  t.after(async () => {
    await container.stop('SIGKILL');
    issuer.server.closeAllConnections();
    issuer.server.close();
    app.server.closeAllConnections();
    app.server.close();
  });
  const exp = now() + 900;
  const good = await Promise.all(
    Array.from({ length: 2000 }, () => mint(key, { claims: { exp, jti: randomUUID() } })),
  );
  const unknown = await Promise.all(
    Array.from({ length: 500 }, (_, i) =>
      mint(stranger, { claims: { exp }, header: { kid: `unknown-${i}` } }),
    ),
  );
  let turn = 0;
  const bearer = (tokens: readonly string[]) => ({
    authorization: `Bearer ${tokens[turn++ % tokens.length]}`,
  });
  const url = `http://${container.addresses['http']}/`;
  const load = startPacedLoad(url, perSecond, [
    { name: 'good', share: 80, headers: () => bearer(good) },
    { name: 'unknown', share: 20, headers: () => bearer(unknown) },
  ]);
  const phase = async (name: string, seconds: number) => {
    load.take();
    await pause(seconds * 1000);
    const counts = load.take();
    t.diagnostic(
      `${name}: ${[...counts].map(([kind, row]) => `${kind} ${JSON.stringify([...row])}`)}`,
    );
    return counts;
  };

  await pause(2000); // the first unknown key may have asked for a fetch of its own
  const well = await phase('up', 3);
  assert.equal(onlyStatus(well.get('good'), 'good'), 200);
  assert.equal(onlyStatus(well.get('unknown'), 'unknown'), 401);

  const before = asked.length;
  const downAt = performance.now();
  state = 'silent';
  // Until the first fetch has failed, the keys at hand are taken for the issuer's.
  await awaitUntil(() => asked.length > before, { timeoutMs: minutes, what: 'a fetch' });
  await pause(5500);
  const first = await phase('silent', 20);
  assert.equal(onlyStatus(first.get('good'), 'good'), 200, 'known keys serve on');
  assert.equal(onlyStatus(first.get('unknown'), 'unknown'), 503, 'it may be a new key');
  state = 'refusing';
  const second = await phase('refusing', 20);
  assert.equal(onlyStatus(second.get('good'), 'good'), 200);
  assert.equal(onlyStatus(second.get('unknown'), 'unknown'), 503);
  await pause(Math.max(0, 76_000 - (performance.now() - downAt)));
  const past = await phase('past the bound', 10);
  assert.equal(onlyStatus(past.get('good'), 'good'), 503, 'stale keys are no keys');
  await pause(Math.max(0, 120_000 - (performance.now() - downAt)));

  const downSeconds = (performance.now() - downAt) / 1000;
  const fetches = asked.length - before;
  t.diagnostic(`${fetches} fetches in ${downSeconds.toFixed(0)} s without an issuer`);
  assert.ok(fetches <= downSeconds / gapSeconds + 1, `${fetches} fetches`);
  state = 'up';
  await awaitUntil(() => load.take().get('good')?.has(200) === true, {
    timeoutMs: 70_000,
    what: 'it serves again',
  });
  const after = await phase('up again', 3);
  assert.equal(onlyStatus(after.get('good'), 'good'), 200);
  await load.stop();
  const text = await (await fetch(`http://${container.addresses['admin']}/metrics`)).text();
  const resident =
    Number(/^process_resident_memory_bytes\{container="ambassador"\} (\S+)/m.exec(text)?.[1]) /
    2 ** 20;
  t.diagnostic(`resident ${resident.toFixed(0)} MiB`);
  const errors = Number(/auth_refreshes_total\{[^}]*error[^}]*\} (\d+)/.exec(text)?.[1]);
  assert.ok(errors >= fetches - 1 && errors <= fetches, `${errors} failed fetches are counted`);
});
