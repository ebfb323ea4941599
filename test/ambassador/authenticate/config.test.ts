import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { authSchema } from '../../../sidecars/ambassador/authenticate/config.ts';
import { readConfig } from '../../../sidecars/core/config/load.ts';
import { ConfigError } from '../../../sidecars/core/errors.ts';

const section = z.strictObject({ auth: authSchema });

/** What `podmates check` would say of this text under `auth:`. */
function complaints(text: string): readonly string[] {
  const yaml = `ambassador:\n  auth:\n${text.replace(/^(?=.)/gm, '    ')}`;
  try {
    readConfig({ text: yaml, file: 'p.yaml', environment: {} }).section('ambassador', section);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

const good: readonly string[] = [
  'corp: {type: jwt, issuer: https://idp.example, audience: [orders]}',
  'corp: {type: jwt, issuer: me, audience: [a], jwks: {file: /keys.json}, algorithms: [HS256, RS256]}',
  'corp: {type: jwt, issuer: me, audience: [a], secret: {file: /secret}}',
  'corp: {type: jwt, issuer: http://127.0.0.1:8080, audience: [a]}',
  'corp: {type: jwt, issuer: http://dex.auth.svc, audience: [a], allowHttp: true}',
  'old: {type: introspection, url: https://idp.example/i, clientId: a, clientSecret: {env: S}}',
  'keys: {type: apiKey, file: /keys.yaml}',
  'ops: {type: htpasswd, file: /users, groups: {admins: [alice]}}',
  'mesh: {type: mtls, ca: /ca.crt, spiffe: ["spiffe://prod/ns/*/sa/web", "spiffe://prod/**"]}',
  'sa: {type: kubernetes, audience: [orders], subjectAccessReview: true}',
  'sa: {type: kubernetes, subjectAccessReview: {resource: services, namespace: shop}}',
  'ext: {type: http, url: http://localhost:4180/check}',
  'own: {type: custom, module: ./badge.ts, options: {colour: gold}}',
];

for (const text of good) {
  test(`taken: ${text}`, () => assert.deepEqual(complaints(text), []));
}

const wrong: readonly (readonly [string, RegExp])[] = [
  ['corp: {type: jtw}', /^ambassador\.auth\.corp\.type: unknown value .*did you mean "jwt"/],
  ['corp: {type: jwt, issuer: https://i}', /audience: missing; expected a list/],
  [
    'corp: {type: jwt, issuer: https://i, audience: []}',
    /audience: expected a list with at least one entry \(got an empty list\)/,
  ],
  ['corp: {type: jwt, audience: [a]}', /issuer: missing; expected a text/],
  ['corp: {type: jwt, issuer: http://idp.example, audience: [a]}', /issuer: .* https; .*allowHttp/],
  ['corp: {type: jwt, issuer: orders-idp, audience: [a]}', /issuer: not a URL .*jwks or secret/],
  [
    'corp: {type: jwt, issuer: https://i, audience: [a], algorithms: [HS256]}',
    /algorithms: HS256 needs a secret: or a jwks: file; public keys never verify it/,
  ],
  [
    'corp: {type: jwt, issuer: i, audience: [a], secret: {env: S}, algorithms: [RS256]}',
    /algorithms: RS256 is for public keys/,
  ],
  [
    'corp: {type: jwt, issuer: https://i, audience: [a], algorithms: [none]}',
    /algorithms\[0\]: unknown value/,
  ],
  [
    'corp: {type: jwt, issuer: i, audience: [a], secret: {env: S}, jwks: {file: /k}}',
    /secret: secret and jwks exclude each other/,
  ],
  [
    'corp: {type: jwt, issuer: i, audience: [a], secret: s3cret}',
    /corp\.secret: expected {file: path} or {env: NAME}/,
  ],
  [
    'corp: {type: jwt, issuer: https://i, audience: [a], stale: 1m}',
    /stale: must not be shorter than refresh/,
  ],
  [
    'corp: {type: jwt, issuer: https://i, audience: [a], leway: 5s}',
    /leway: unknown key; did you mean "leeway"/,
  ],
  [
    'old: {type: introspection, url: http://idp.example/i, clientId: a, clientSecret: {env: S}}',
    /old\.url: .* https/,
  ],
  ['sa: {type: kubernetes, server: http://10.0.0.1}', /sa\.server: .* https/],
  ['ext: {type: http, url: http://authz.svc/check}', /ext\.url: .* https/],
  ['ext: {type: http, url: "https://user:pw@authz/check"}', /must not carry credentials/],
  [
    'ext: {type: http, url: "https://authz/check", send: [Connection]}',
    /send\[0\]: belongs to one connection/,
  ],
  ['keys: {type: apiKey, file: /k, header: "x api key"}', /header: expected the name of a header/],
  ['mesh: {type: mtls, ca: /c, spiffe: ["spiffe://prod/**/web"]}', /spiffe: expected patterns/],
  ['mesh: {type: mtls, ca: /c, spiffe: ["https://prod/web"]}', /spiffe: expected patterns/],
  ['own: {type: custom}', /own\.module: give one of module .* and use/],
  ['own: {type: custom, module: ./a.ts, use: b}', /own\.module: give one of module .* and use/],
  ['"a b": {type: apiKey, file: /k}', /expected a name of letters/],
];

for (const [text, message] of wrong) {
  test(`refused: ${text}`, () => {
    const [first = '', ...more] = complaints(text);
    assert.match(first, message);
    assert.deepEqual(more, []);
  });
}

test('the JSON Schema knows every kind of authenticator', () => {
  const schema = z.toJSONSchema(authSchema, { io: 'input', unrepresentable: 'any' });
  const kinds = JSON.stringify(schema).match(/"const":"\w+"/g) ?? [];
  assert.equal(new Set(kinds).size, 9);
});
