import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { clientAuthorityFiles } from '../../../sidecars/ambassador/authenticate/config.ts';
import {
  isSpiffeId,
  matchesDns,
  matchesEmail,
  matchesSpiffe,
} from '../../../sidecars/ambassador/authenticate/mtls/name-pattern.ts';
import { parseAlternativeNames } from '../../../sidecars/ambassador/authenticate/mtls/names.ts';
import { awaitUntil } from '../../await-until.ts';
import { brief, type Provider, provider } from './ask.ts';
import { testFile } from './file.ts';

/** Made by OpenSSL: see certificates/make.sh. */
const path = (name: string) => join(import.meta.dirname, 'certificates', `${name}.crt`);
const pem = (name: string) => readFileSync(path(name), 'utf8');
const der = (name: string): Uint8Array => new X509Certificate(pem(name)).raw;

const mesh = (test: TestContext, more: Readonly<Record<string, unknown>> = {}) =>
  provider(test, { type: 'mtls', ca: path('root'), ...more });

const show = async (it: Provider, name: string, ...intermediates: readonly string[]) =>
  brief(
    await it.ask({}, { clientCertificate: der(name), clientIntermediates: intermediates.map(der) }),
  );

test('without patterns every certificate of the authority is good, by its best name', async (t) => {
  const it = await mesh(t);
  assert.equal(await show(it, 'web'), 'spiffe://prod/ns/shop/sa/web');
  assert.equal(await show(it, 'plain'), 'plain');
  assert.equal(await show(it, 'worker', 'intermediate'), 'worker.orders.svc');
  assert.equal(brief(await it.ask()), 'absent');
});

test('organisations are groups, the rest are claims', async (t) => {
  const it = await mesh(t);
  const finding = await it.ask({}, { clientCertificate: der('web') });
  assert.ok(finding.kind === 'proved');
  const { groups, claims, expiresAt } = finding.identity;
  assert.deepEqual(groups, ['staff', 'editors']);
  assert.deepEqual(claims['uri'], ['spiffe://prod/ns/shop/sa/web']);
  assert.equal(claims['commonName'], 'web');
  assert.equal(expiresAt, new X509Certificate(pem('web')).validToDate.getTime());
});

for (const [name, ...intermediates] of [
  ['impostor'],
  ['impostor', 'impostor-root'],
  ['impostor-root'],
  ['child', 'web'],
  ['worker'],
  ['worker', 'web'],
] as const) {
  test(`a certificate that the authority did not issue is rejected: ${name} ${intermediates}`, async (t) => {
    assert.equal(await show(await mesh(t), name, ...intermediates), 'rejected: untrusted');
  });
}

test('a certificate for servers is none for callers', async (t) => {
  assert.equal(await show(await mesh(t), 'server'), 'rejected: usage');
});

test('a certificate ends, and one that is not yet valid is not good', async (t) => {
  const it = await mesh(t);
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2200-01-01') });
  assert.equal(await show(it, 'web'), 'rejected: expired');
  t.mock.timers.setTime(Date.parse('2020-01-01'));
  assert.equal(await show(it, 'web'), 'rejected: expired');
});

test('bytes that are no certificate are rejected', async (t) => {
  const finding = await (await mesh(t)).ask({}, { clientCertificate: Buffer.from('x') });
  assert.equal(brief(finding), 'rejected: malformed');
});

test('patterns say whose certificates are good', async (t) => {
  const web = 'spiffe://prod/ns/shop/sa/web';
  const rows: readonly (readonly [Readonly<Record<string, unknown>>, string, string])[] = [
    [{ spiffe: [web] }, 'web', web],
    [{ spiffe: ['spiffe://prod/ns/*/sa/web'] }, 'web', web],
    [{ spiffe: ['spiffe://prod/**'] }, 'web', web],
    [{ spiffe: ['spiffe://test/**'] }, 'web', 'rejected: name'],
    [{ spiffe: ['spiffe://prod/ns/*'] }, 'web', 'rejected: name'],
    [{ dns: ['web'] }, 'web', 'rejected: name'],
    [{ spiffe: [web] }, 'plain', 'rejected: name'],
    [{ spiffe: ['spiffe://prod/**'] }, 'two-uris', 'rejected: name'],
    [{ spiffe: ['spiffe://prod/**'] }, 'comma', 'rejected: name'],
    [{ dns: ['*.orders.svc'] }, 'worker', 'worker.orders.svc'],
    [{ dns: ['*.svc'], email: ['*@example.org'] }, 'worker', 'ops@example.org'],
    [{ email: ['ops@example.org'], spiffe: ['spiffe://prod/**'] }, 'worker', 'ops@example.org'],
    [{ dns: ['b.example'] }, 'worker', 'b.example'],
  ];
  for (const [config, name, expected] of rows) {
    const it = await mesh(t, config);
    assert.equal(await show(it, name, 'intermediate'), expected, JSON.stringify(config));
  }
});

test('a certificate without a name that could stand for its owner is rejected', async (t) => {
  assert.equal(await show(await mesh(t), 'nameless'), 'rejected: name');
});

test('a comma inside a name makes no second name of it (CVE-2021-44532)', () => {
  const { subjectAltName = '' } = new X509Certificate(pem('comma'));
  assert.deepEqual(parseAlternativeNames(subjectAltName), [
    { kind: 'DNS', value: 'a.example, URI:spiffe://prod/ns/shop/sa/admin' },
  ]);
  assert.deepEqual(parseAlternativeNames('DNS:a, "URI:b"'), []);
});

test('a changed authority is in force soon, and forgets whom it trusted', async (t) => {
  const file = testFile(t, pem('root'));
  const it = await mesh(t, { ca: file.path });
  assert.equal(await show(it, 'plain'), 'plain');
  file.replace(pem('impostor-root'));
  await awaitUntil(async () => (await show(it, 'plain')) === 'rejected: untrusted', {
    what: 'the new authority',
  });
  assert.equal(await show(it, 'impostor'), 'spiffe://prod/ns/shop/sa/web');
});

test('a file without certificates stops the start', async (t) => {
  const file = testFile(t, 'nothing here');
  await assert.rejects(mesh(t, { ca: file.path }), /no PEM certificates/);
});

test('patterns match whole labels and segments only', () => {
  assert.ok(matchesDns('a.example', '*.example'));
  assert.ok(!matchesDns('a.b.example', '*.example'));
  assert.ok(!matchesDns('.example', '*.example'));
  assert.ok(!matchesDns('evilexample', 'example'));
  assert.ok(!matchesSpiffe('spiffe://prod/ns/a/b/sa/web', 'spiffe://prod/ns/*/sa/web'));
  assert.ok(!matchesSpiffe('spiffe://prod', 'spiffe://prod/**'));
  assert.ok(!matchesSpiffe('spiffe://prod.evil/ns', 'spiffe://prod/**'));
  assert.ok(matchesEmail('Joe@EXAMPLE.org', 'Joe@example.org'));
  assert.ok(!matchesEmail('joe@example.org', 'Joe@example.org'));
  assert.ok(!matchesEmail('a@b@example.org', '*@example.org'));
  assert.ok(!isSpiffeId('spiffe://prod/../admin'));
  assert.ok(!isSpiffeId('spiffe://prod//admin'));
  assert.ok(!isSpiffeId('spiffe://prod'));
  assert.ok(isSpiffeId('spiffe://prod/ns/a'));
});

test('the listener is told which authorities to ask for, each once', () => {
  const one = { type: 'mtls', ca: '/a' } as const;
  const config = { a: one, b: one, c: { ...one, ca: '/c' } };
  const full = { spiffe: undefined, dns: undefined, email: undefined };
  const filled = Object.entries(config).map(([name, value]) => [name, { ...full, ...value }]);
  assert.deepEqual(clientAuthorityFiles(Object.fromEntries(filled)), ['/a', '/c']);
});
