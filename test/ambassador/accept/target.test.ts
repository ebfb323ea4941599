import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTarget } from '../../../sidecars/ambassador/accept/target.ts';

const strict = { encodedSlash: false, semicolon: false };

test('a plain path is taken as it is, and the query apart', () => {
  for (const url of [
    '/',
    '/a',
    '/a/',
    '/a/b.c/~d',
    "/a!$&'()*+,=:@-_",
    '/...',
    '/.well-known/x',
    '/a..b',
  ]) {
    assert.deepEqual(readTarget(url, strict), { path: url, query: '' }, url);
  }
  assert.deepEqual(readTarget('/a?b=/../c%2f', strict), { path: '/a', query: '?b=/../c%2f' });
  assert.deepEqual(readTarget('/?', strict), { path: '/', query: '?' });
});

test('needless escapes are undone, the others written in one way', () => {
  const same: readonly [string, string][] = [
    ['/%61%2D%7e', '/a-~'],
    ['/%c3%a9', '/%C3%A9'],
    ['/50%25', '/50%25'],
    ['/a%20b', '/a%20b'],
    ['/%3F%23', '/%3F%23'],
  ];
  for (const [url, path] of same) assert.deepEqual(readTarget(url, strict), { path, query: '' });
});

test('what two servers could read in two ways is refused', () => {
  const odd = [
    ...['', 'a', '*', 'http://a/b', '//a', '/a//b', '/a//', '/.', '/..', '/a/.', '/a/..', '/a/./b'],
    ...['/%2e', '/%2e%2e/a', '/a/.%2E/b', '/a\\b', '/a%5cb', '/a%2fb', '/a;b', '/a%3Bb', '/a#b'],
    ...['/%', '/%4', '/%zz', '/a%00', '/a%0d%0aX: y', '/a%7f', '/%252e', '/%25%32%65', '/%2525'],
    ...['/a b', '/a\tb', '/\x80', '/a?b#c', '/a?b c', '/a?\x80', '/\u00e9'],
  ];
  for (const url of odd) {
    const refusal = readTarget(url, strict);
    assert.ok('status' in refusal && refusal.status === 400, url);
  }
});

test('an escaped slash and a semicolon pass where they are asked for, but dot segments never', () => {
  const loose = { encodedSlash: true, semicolon: true };
  assert.deepEqual(readTarget('/@scope%2fname', loose), { path: '/@scope%2Fname', query: '' });
  assert.deepEqual(readTarget('/a;b=c/d', loose), { path: '/a;b=c/d', query: '' });
  for (const url of ['/a%2f..%2fb', '/a/..;/b', '/a%2f%2e%2e/b', '/..;x', '/a/.;/b']) {
    assert.ok('status' in readTarget(url, loose), url);
  }
});
