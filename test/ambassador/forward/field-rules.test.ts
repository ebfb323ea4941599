import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createFieldRules,
  filterAnswerFields,
} from '../../../sidecars/ambassador/forward/fields/field-rules.ts';
import { writeRequestHead } from '../../../sidecars/ambassador/forward/http1/request-head.ts';

const rules = createFieldRules(['X-User', 'x-api-key']);

const write = (rawHeaders: readonly string[], body?: string) =>
  writeRequestHead(
    {
      method: 'GET',
      target: '/',
      rawHeaders,
      ownCookies: new Set(),
      host: 'h',
      added: 'X-User: joe\r\n',
      body,
      upgrade: undefined,
    },
    rules,
  );

test('every spelling that an app could take for an own header is dropped', () => {
  for (const name of [
    'X-User',
    'x_user',
    'X.User',
    'x~user',
    'X-API_KEY',
    'X-Forwarded-Anything',
  ]) {
    assert.equal(rules(name), 'drop', name);
  }
  for (const name of [
    'Content_Length',
    'Transfer.Encoding',
    'HOST_',
    'Proxy_Authorization',
    'authori_zation',
  ]) {
    assert.notEqual(
      rules(name),
      name === 'HOST_' || name === 'authori_zation' ? 'drop' : 'pass',
      name,
    );
  }
  for (const name of ['X-Users', 'Accept', 'Authorization', 'Cookie'])
    assert.equal(rules(name), 'pass');
});

test("other proxies' words for the caller, the target and who it is are dropped", () => {
  for (const name of [
    ...['Proxy', 'Client-IP', 'CF-Connecting-IP', 'X-Original-URL', 'X_Original_Path'],
    ...['X-Envoy-Original-Path', 'X-Webauth-User', 'X_Authenticated_UserId', 'Ssl-Client-Verify'],
    ...[
      'X-Goog-Authenticated-User-Email',
      'X-Amzn-Oidc-Data',
      'X-MS-Client-Principal',
      'Remote_User',
    ],
  ]) {
    assert.equal(rules(name), 'drop', name);
  }
  for (const name of ['Proxied', 'X-Client', 'X-Original-Filename', 'Via'])
    assert.equal(rules(name), 'pass', name);
});

test('what a decision read goes on as it was spelled, and in no other spelling', () => {
  const judging = createFieldRules([], ['x-tenant', 'x_device']);
  for (const name of ['X-Tenant', 'x_device', 'X_Device'])
    assert.equal(judging(name), 'pass', name);
  for (const name of ['X_Tenant', 'x.tenant', 'X-Device'])
    assert.equal(judging(name), 'drop', name);
});

test('hop-by-hop fields and nominees go, ours stay, spelling and order are kept', () => {
  const head = write([
    ...['accePT', 'a', 'Connection', 'close, X-User, X-Own', 'X-Own', 'b', 'Keep-Alive', 'c'],
    ...['TE', 'gzip, trailers', 'Set', '1', 'Set', '2', 'Expect', '100-continue', 'Host', 'evil'],
  ]);
  assert.equal(
    head,
    'GET / HTTP/1.1\r\nHost: h\r\naccePT: a\r\nTE: trailers\r\nSet: 1\r\nSet: 2\r\nX-User: joe\r\n\r\n',
  );
});

test('the framing is ours to write', () => {
  const lies = ['Content-Length', '9', 'Transfer-Encoding', 'gzip'];
  assert.match(write(lies, 'chunked'), /\r\nTransfer-Encoding: chunked\r\n\r\n$/);
  assert.match(write(lies, '5'), /\r\nContent-Length: 5\r\n\r\n$/);
  assert.doesNotMatch(write(lies), /length|encoding/i);
});

test("an answer loses its own hop's fields, nominees too", () => {
  const fields = [
    'Connection',
    'x-own',
    'X-Own',
    'a',
    'Keep-Alive',
    'b',
    'Set-Cookie',
    'c',
    'Set-Cookie',
    'd',
  ];
  assert.deepEqual(filterAnswerFields(fields, 'x-own'), ['Set-Cookie', 'c', 'Set-Cookie', 'd']);
});
