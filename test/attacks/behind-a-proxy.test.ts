import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ContainerProcess, startContainer } from '../container-process.ts';
import { type RecordingApp, startRecordingApp } from './recording-app.ts';
import { ask, request } from './wire.ts';

/*
 * Attack 27, where the other end of the connection is a proxy that is trusted: of what it was told by
 * its caller only the last word is its own.
 */

let app: RecordingApp;
let container: ContainerProcess;

before(async () => {
  app = await startRecordingApp();
  container = await startContainer(
    'ambassador',
    `ambassador:
  listen: "127.0.0.1:0"
  admin: false
  upstream: http://127.0.0.1:${app.port}
  shutdown: {delay: 0ms}
  trustedProxies: [127.0.0.1, 192.0.2.0/24]
  routes: [{path: /office/**, public: true, require: {cidr: [10.0.0.0/8]}}]
`,
  );
});
after(async () => {
  await container?.stop();
  await app?.close();
});

async function come(...lines: readonly string[]) {
  app.forget();
  const port = Number(container.addresses['http']?.split(':').at(-1));
  const heard = await ask(port, request('GET /office/a HTTP/1.1', lines));
  return heard.answers[0]?.status;
}

describe('attack 27 fails behind a trusted proxy', () => {
  for (const lines of [
    ['X-Forwarded-For: 10.0.0.1, 198.51.100.7'],
    ['X-Forwarded-For: 10.0.0.1', 'X-Forwarded-For: 198.51.100.7'],
    ['X-Forwarded-For: 10.0.0.1, 198.51.100.7, 192.0.2.1'],
    ['X-Forwarded-For: 10.0.0.1, nonsense'],
    ['X-Forwarded-For: 10.0.0.1,'],
    ['X-Forwarded-For: 10.0.0.1 198.51.100.7'],
    ['X-Forwarded-For: 010.0.0.1'],
    ['X-Forwarded-For: 10.0.0.1:80@evil'],
    ['X-Forwarded-For: ::ffff:198.51.100.7'],
    ['X_Forwarded_For: 10.0.0.1'],
    ['Forwarded: for=10.0.0.1'],
    ['X-Real-IP: 10.0.0.1'],
    [],
  ]) {
    test(lines.join(' and ') || 'nothing said', async () => {
      assert.equal(await come(...lines), 403);
      assert.equal(app.bytes(), '');
    });
  }

  for (const said of [
    '10.0.0.1',
    '198.51.100.7, 10.0.0.1',
    '10.0.0.1, 192.0.2.1',
    '::ffff:10.0.0.1',
  ]) {
    test(`X-Forwarded-For: ${said} is let in, and told to the app`, async () => {
      assert.equal(await come(`X-Forwarded-For: ${said}`), 200);
      assert.deepEqual(app.requests[0]?.values('x-forwarded-for'), ['10.0.0.1, 127.0.0.1']);
    });
  }
});
