import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createRouteTable,
  type Findable,
} from '../../../sidecars/ambassador/authorize/route-table.ts';

interface Named extends Findable {
  readonly name: string;
}

/** `METHODS HOST/PATH` as a route; `*` for any method, no host for every host. */
function route(text: string): Named {
  const [methods = '', place = ''] = text.split(' ');
  const slash = place.indexOf('/');
  return {
    name: text,
    path: place.slice(slash),
    host: slash === 0 ? undefined : place.slice(0, slash),
    methods: methods === '*' ? undefined : methods.split(','),
  };
}

function finder(routes: readonly string[], caseSensitive = false) {
  const table = createRouteTable(routes.map(route), { caseSensitive });
  return (method: string, path: string, host = 'a.example') => {
    const found = table.find(host, path, method);
    if (found.kind === 'route') return found.route.name;
    return found.kind === 'none' ? 'none' : `405 ${found.allowed.join()}`;
  };
}

test('the most specific path wins, whatever the order', () => {
  const routes = ['* /**', '* /a/**', '* /a/*', '* /a/b', '* /a/*/c', '* /a/b/*', '* /'];
  for (const order of [routes, routes.toReversed()]) {
    const find = finder(order);
    assert.equal(find('GET', '/'), '* /');
    assert.equal(find('GET', '/x'), '* /**');
    assert.equal(find('GET', '/a'), '* /a/**');
    assert.equal(find('GET', '/a/x'), '* /a/*');
    assert.equal(find('GET', '/a/b'), '* /a/b');
    assert.equal(find('GET', '/a/b/'), '* /a/b');
    assert.equal(find('GET', '/a/b/c'), '* /a/b/*', 'a literal further left decides');
    assert.equal(find('GET', '/a/x/c'), '* /a/*/c');
    assert.equal(find('GET', '/a/x/d'), '* /a/**');
  }
});

test('a search that went into a dead end goes back', () => {
  const find = finder(['* /a/b/c', '* /a/*/d', '* /*/b/e', '* /a/**']);
  assert.equal(find('GET', '/a/b/d'), '* /a/*/d');
  assert.equal(find('GET', '/a/b/x'), '* /a/**');
  assert.equal(find('GET', '/x/b/e'), '* /*/b/e');
  assert.equal(find('GET', '/x/b'), 'none');
});

test('a method that the path does not have is not let through by a wider path', () => {
  const find = finder(['* /**', 'GET /admin', 'POST,PUT /admin/*']);
  assert.equal(find('POST', '/admin'), '405 GET,HEAD');
  assert.equal(find('HEAD', '/admin'), 'GET /admin');
  assert.equal(find('GET', '/admin/x'), '405 POST,PUT');
  assert.equal(find('GET', '/ADMIN'), 'GET /admin');
});

test('a route with the method goes before one for every method', () => {
  const find = finder(['* /a', 'DELETE /a']);
  assert.equal(find('DELETE', '/a'), 'DELETE /a');
  assert.equal(find('GET', '/a'), '* /a');
});

test('hosts: exact, then the longest wildcard, then any; without port and final dot', () => {
  const find = finder([
    '* /**',
    '* api.a.example/x',
    '* *.a.example/x',
    '* *.example/x',
    '* *.example/y',
  ]);
  assert.equal(find('GET', '/x', 'api.a.example'), '* api.a.example/x');
  assert.equal(find('GET', '/x', 'api.a.example:8443'), '* api.a.example/x');
  assert.equal(find('GET', '/x', 'api.a.example.'), '* api.a.example/x');
  assert.equal(find('GET', '/x', 'b.a.example'), '* *.a.example/x');
  assert.equal(find('GET', '/y', 'b.a.example'), '* *.example/y');
  assert.equal(find('GET', '/x', 'evilapi.a.example.evil'), '* /**');
  assert.equal(find('GET', '/x', 'a.example'), '* *.example/x');
  assert.equal(find('GET', '/x', 'example'), '* /**');
});

test('case counts only where it is asked to', () => {
  assert.equal(finder(['* /Admin'])('GET', '/aDMIN'), '* /Admin');
  assert.equal(finder(['* /Admin'], true)('GET', '/admin'), 'none');
});

test('10,000 routes are found about as fast as ten', () => {
  const time = (count: number) => {
    const routes = Array.from({ length: count }, (_, i) => `GET /tenants/${i}/orders/*`);
    const find = finder(routes);
    const paths = Array.from({ length: 1000 }, (_, i) => `/tenants/${(i * 7919) % count}/orders/1`);
    for (const path of paths) assert.notEqual(find('GET', path), 'none');
    const started = process.cpuUsage();
    for (let round = 0; round < 50; round++) for (const path of paths) find('GET', path);
    const { user, system } = process.cpuUsage(started);
    return user + system;
  };
  time(10); // compiled before it counts
  const few = time(10);
  const many = time(10_000);
  assert.ok(many < few * 20, `${few} us for ten, ${many} us for 10,000`);
});
