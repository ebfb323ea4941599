import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createAddressJudge,
  createGuardedLookup,
} from '../../../sidecars/adapter/probe/address.ts';
import { parseTarget } from '../../../sidecars/adapter/probe/target.ts';

const cases: readonly [string, string, boolean][] = [
  ['http://10.1.2.3:8080', 'http://10.1.2.3:8080/stats?x=1', true],
  ['http://10.1.2.3:8080', 'http://10.1.2.3/', false],
  ['http://10.1.2.3:8080', 'https://10.1.2.3:8080/', false],
  ['http://10.1.2.3:8080', 'http://0xa010203:8080/', true],
  ['http://app', 'http://app:80/', true],
  ['http://app', 'http://app.evil.test/', false],
  ['http://app', 'http://APP/', true],
  ['http://app/stats', 'http://app/stats', true],
  ['http://app/stats', 'http://app/stats/../admin', false],
  ['https://*.shop.svc:*', 'https://a.shop.svc:9443/x', true],
  ['https://*.shop.svc:*', 'https://a.b.shop.svc/', false],
  ['https://*.shop.svc:*', 'https://shop.svc/', false],
  ['https://*.shop.svc:*', 'https://a.shop.svc.evil.test/', false],
  ['https://*.shop.svc:*', 'https://axshop.svc/', false],
  ['http://*:*', 'http://localhost:1/', true],
  ['http://*:*', 'http://127.0.0.1:1/', false],
  ['http://*:*', 'http://[::1]:1/', false],
  ['http://[::1]:8080', 'http://[0:0:0:0:0:0:0:1]:8080/', true],
];

for (const [pattern, target, expected] of cases) {
  test(`${pattern} ${expected ? 'lists' : 'does not list'} ${target}`, () => {
    const parsed = parseTarget(pattern);
    assert.ok(!('fault' in parsed));
    assert.equal(parsed.matches(new URL(target)), expected);
  });
}

test('what is no target says so', () => {
  for (const text of ['app:80', 'ftp://app', 'http://user@app', 'http://app?x', 'http://', '*']) {
    assert.ok('fault' in parseTarget(text), text);
  }
});

test('addresses that are not public must be listed', () => {
  const judge = createAddressJudge(['10.0.0.0/8', 'fd00::/8', '192.168.1.7']);
  const well = [
    '8.8.8.8',
    '2001:4860:4860::8888',
    '10.9.8.7',
    '::ffff:10.9.8.7',
    'fd00::1',
    '192.168.1.7',
  ];
  const refused = [
    '127.0.0.1',
    '::1',
    '169.254.169.254',
    '192.168.1.8',
    'fe80::1',
    'fc00::1',
    '::ffff:127.0.0.1',
    '0.0.0.0',
    '100.64.0.1',
    'name',
  ];
  for (const address of well) assert.equal(judge(address), true, address);
  for (const address of refused) assert.equal(judge(address), false, address);
});

test('only the name of the target is judged when it is looked up', async () => {
  const guarded = createGuardedLookup(createAddressJudge([]), 'localhost');
  const other = createGuardedLookup(createAddressJudge([]), 'target.test');
  const find = (lookup: typeof guarded) =>
    new Promise<string>((resolve) => {
      lookup('localhost', { all: false }, (error, address) =>
        resolve(error?.message ?? String(address)),
      );
    });
  assert.match(await find(guarded), /^localhost is (127\.0\.0\.1|::1), which probe\.addresses/);
  assert.match(await find(other), /^(127\.0\.0\.1|::1)$/);
});
