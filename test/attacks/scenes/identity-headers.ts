import assert from 'node:assert/strict';
import type { Attack } from '../attack.ts';
import { apiKey, type Stage } from '../stage.ts';
import { request } from '../wire.ts';

/** Every name under which the app could read a field, however it makes variables of names. */
const fold = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '-');

function fieldsAtApp(stage: Stage): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  const { rawHeaders } = stage.app.requests.at(-1) ?? { rawHeaders: [] };
  rawHeaders.forEach((name, i) => {
    if (i % 2 === 0) {
      fields.set(fold(name), [...(fields.get(fold(name)) ?? []), rawHeaders[i + 1] ?? '']);
    }
  });
  return fields;
}

async function letIn(stage: Stage, bytes: string): Promise<Map<string, string[]>> {
  stage.app.forget();
  const heard = await stage.send(bytes);
  assert.equal(heard.answers[0]?.status, 200, heard.raw);
  return fieldsAtApp(stage);
}

export const identityHeaders: readonly Attack[] = [
  {
    number: 1,
    title: 'X-Forwarded-Uri, X-Original-URL, X-Rewrite-URL name another target',
    baseline: true,
    async run(stage) {
      const lies = [
        'X-Forwarded-Uri: /public/a',
        'X-Original-URL: /public/a',
        'X-Rewrite-URL: /public/a',
        'X-Original-Method: GET',
        'X-HTTP-Method-Override: DELETE',
      ];
      await stage.denied(request('GET /private/a HTTP/1.1', lies), 401);
      const fields = await letIn(stage, request('GET /public/a HTTP/1.1', lies));
      for (const lie of lies) assert.ok(!fields.has(fold(lie.split(':')[0] ?? '')), lie);
    },
  },
  {
    number: 2,
    title: 'X_User, x.user, X-Forwarded_User pass for the identity headers',
    baseline: true,
    async run(stage) {
      const names = [
        'X-User',
        'X_User',
        'x.user',
        'X~User',
        'X-Forwarded_User',
        'X_Forwarded_Email',
        'x_groups',
        'X_Role',
        'X-Auth_Request_User',
        'Remote_User',
        'X_Remote_Group',
      ];
      const lies = names.map((name) => `${name}: root`);
      const fields = await letIn(stage, request('GET /public/a HTTP/1.1', lies));
      for (const name of names) assert.ok(!fields.has(fold(name)), name);
    },
  },
  {
    number: 43,
    title:
      'words of other proxies, which some apps believe: Proxy, Client-IP, CF-Connecting-IP, X-Webauth-User',
    baseline: true,
    async run(stage) {
      const names = [
        'Proxy', // HTTP_PROXY, to a CGI program
        'Client-IP',
        'True_Client_IP',
        'CF-Connecting-IP',
        'X-Envoy-Original-Path',
        'X-Webauth-User',
        'Ssl-Client-Verify',
        'X-Goog-Authenticated-User-Email',
      ];
      const lies = names.map((name) => `${name}: http://evil.example`);
      const fields = await letIn(stage, request('GET /public/a HTTP/1.1', lies));
      for (const name of names) assert.ok(!fields.has(fold(name)), name);
    },
  },
  {
    number: 3,
    title: 'an identity header comes in where the claim is absent or the route public',
    async run(stage) {
      const lies = ['X-Role: admin', 'X-User: root', 'X-Groups: admin'];
      const open = await letIn(stage, request('GET /public/a HTTP/1.1', lies));
      assert.ok(!open.has('x-role') && !open.has('x-user') && !open.has('x-groups'));
      const good = `Authorization: Bearer ${await stage.token()}`;
      const known = await letIn(stage, request('GET /private/a HTTP/1.1', [good, ...lies]));
      assert.deepEqual(known.get('x-user'), ['joe']);
      assert.ok(!known.has('x-role') && !known.has('x-groups'));
    },
  },
  {
    number: 4,
    title: 'Connection nominates the headers that the proxy sets, or that are secret',
    baseline: true,
    async run(stage) {
      const good = `Authorization: Bearer ${await stage.token()}`;
      const nominees = 'Connection: close, X-User, X-Forwarded-For, X-Secret, Cookie';
      const sent = [good, nominees, 'X-Secret: a', 'Cookie: c=d', 'TE: gzip', 'Keep-Alive: 5'];
      const fields = await letIn(stage, request('GET /private/a HTTP/1.1', sent));
      assert.deepEqual(fields.get('x-user'), ['joe']);
      assert.deepEqual(fields.get('x-forwarded-for'), ['127.0.0.1']);
      for (const name of ['x-secret', 'cookie', 'te', 'keep-alive'])
        assert.ok(!fields.has(name), name);
      assert.doesNotMatch(fields.get('connection')?.join() ?? '', /user|secret/i);
    },
  },
  {
    number: 5,
    title: 'the same on a WebSocket upgrade',
    async run(stage) {
      stage.app.forget();
      const heard = await stage.send(
        request('GET /ws HTTP/1.1', [
          `Authorization: Bearer ${await stage.token()}`,
          'Connection: Upgrade, X-User, X-Secret',
          'Upgrade: websocket',
          'X-Secret: a',
          'X_User: root',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        ]),
      );
      assert.equal(heard.answers[0]?.status, 101, heard.raw);
      const fields = fieldsAtApp(stage);
      assert.deepEqual(fields.get('x-user'), ['joe']);
      assert.deepEqual(fields.get('connection'), ['Upgrade']);
      assert.ok(!fields.has('x-secret') && !fields.has('authorization'));
    },
  },
  {
    number: 25,
    title: 'X-Role: user,admin as one value or several; rules read no header of the caller',
    async run(stage) {
      const good = `Authorization: Bearer ${await stage.token()}`;
      const lies = ['X-Groups: user,admin', 'X-Groups: admin', 'X-Role: admin'];
      await stage.denied(request('GET /admin/a HTTP/1.1', [good, ...lies]), 403);
      const token = await stage.token({ groups: ['user,admin'] });
      const comma = [`Authorization: Bearer ${token}`];
      await stage.denied(request('GET /admin/a HTTP/1.1', comma), 403);
      const fields = await letIn(stage, request('GET /private/a HTTP/1.1', comma));
      assert.deepEqual(fields.get('x-groups'), ['user%2Cadmin'], 'one group, not two');
    },
  },
  {
    number: 26,
    title: 'a@x@corp.example as an email address',
    async run(stage) {
      for (const email of [
        'joe@corp.example@evil',
        'evil@x@joe@corp.example',
        'joe@corp.example ',
      ]) {
        const token = await stage.token({ email });
        const sent = [`Authorization: Bearer ${token}`];
        await stage.denied(request('GET /corp-mail/a HTTP/1.1', sent), 401);
      }
      const email = await stage.token({ email: 'joe@corp.example' });
      await letIn(stage, request('GET /corp-mail/a HTTP/1.1', [`Authorization: Bearer ${email}`]));
    },
  },
  {
    number: 27,
    title: 'X-Forwarded-For for a CIDR rule; IPv4 in IPv6',
    async run(stage) {
      for (const address of ['10.0.0.1', '::ffff:10.0.0.1', '10.0.0.1, 127.0.0.1']) {
        const lies = [
          `X-Forwarded-For: ${address}`,
          `X-Real-IP: ${address}`,
          `Forwarded: for=${address}`,
        ];
        await stage.denied(request('GET /office/a HTTP/1.1', lies), 403);
      }
    },
  },
  {
    number: 28,
    title: 'X-Forwarded-Proto, -Host, -Prefix and Forwarded are made up',
    baseline: true,
    async run(stage) {
      const lies = [
        'X-Forwarded-Proto: https',
        'X-Forwarded-Host: evil.example',
        'X-Forwarded-Prefix: /evil',
        'X-Forwarded-For: 1.2.3.4',
        'Forwarded: for=1.2.3.4;host=evil.example;proto=https',
      ];
      const fields = await letIn(stage, request('GET /public/a HTTP/1.1', lies));
      assert.deepEqual(fields.get('x-forwarded-proto') ?? ['http'], ['http']);
      assert.deepEqual(fields.get('x-forwarded-for') ?? ['127.0.0.1'], ['127.0.0.1']);
      assert.deepEqual(fields.get('x-forwarded-host') ?? ['app.example'], ['app.example']);
      assert.ok(!fields.has('x-forwarded-prefix'));
      assert.doesNotMatch(fields.get('forwarded')?.join() ?? '', /evil|1\.2\.3\.4/);
    },
  },
  {
    number: 35,
    title: 'CRLF and letters beyond ASCII in a claim that becomes a header',
    async run(stage) {
      const role = 'x\r\nX-User: root\r\n\u0000José';
      const token = await stage.token({ role });
      const sent = request('GET /private/a HTTP/1.1', [`Authorization: Bearer ${token}`]);
      const fields = await letIn(stage, sent);
      assert.deepEqual(fields.get('x-user'), ['joe']);
      assert.match(fields.get('x-role')?.[0] ?? '', /^x%0D%0AX-User: root%0D%0A%00Jos%C3%A9$/);
    },
  },
  {
    number: 37,
    title: "the caller's credential travels on to the app",
    baseline: true,
    async run(stage) {
      const good = `Authorization: Bearer ${await stage.token()}`;
      const fields = await letIn(stage, request('GET /private/a HTTP/1.1', [good]));
      assert.ok(!fields.has('authorization'));
      const keyed = await letIn(stage, request('GET /keys/a HTTP/1.1', [`X-Api-Key: ${apiKey}`]));
      assert.ok(!keyed.has('x-api-key'));
      assert.ok(!stage.app.bytes().includes(apiKey));
    },
  },
];
