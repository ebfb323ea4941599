import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ambassadorSchema } from '../../sidecars/ambassador/config.ts';
import { readConfig } from '../../sidecars/core/config/load.ts';
import { ConfigError } from '../../sidecars/core/errors.ts';

function problems(section: string): readonly string[] {
  const text = `ambassador:\n${section}`;
  try {
    readConfig({ text, file: 'f', environment: {} }).section('ambassador', ambassadorSchema);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ line, path, message }) => `${line} ${path}: ${message}`);
  }
}

const upstream = '  upstream: http://127.0.0.1:8080\n';

test('an upstream is enough: every request is refused', () => {
  assert.deepEqual(problems(upstream), []);
});

test('what paths: lets through may stand in patterns', () => {
  const odd = '    - {path: "/a%2Fb;c/*", public: true}\n    - {path: /%c3%a4/**, public: true}\n';
  const open = '  paths: {encodedSlash: true, semicolon: true}\n';
  assert.deepEqual(problems(`${upstream}${open}  routes:\n${odd}`), []);
});

for (const [what, section, expected] of [
  ['no upstream', '  routes: []\n', /upstream/],
  ['an upstream with a path', '  upstream: http://a/b\n', /must have no path/],
  [
    'two routes alike',
    `${upstream}  routes:\n    - {path: /a, public: true}\n    - {path: /A/, public: true}\n`,
    /routes\[1\]: can never match: routes\[0\] has the same/,
  ],
  [
    'the same method twice',
    `${upstream}  routes:\n    - {path: /a, public: true, methods: [GET, PUT]}\n    - {path: /a, public: true, methods: [PUT]}\n`,
    /for PUT/,
  ],
  ['nobody to prove who', `${upstream}  routes: [{path: /a}]\n`, /can never let anybody in/],
  ['an unknown way', `${upstream}  routes: [{path: /a, auth: [corp]}]\n`, /no "corp" under auth:/],
  [
    'public and auth',
    `${upstream}  routes: [{path: /a, public: true, auth: [corp]}]\n`,
    /never used/,
  ],
  [
    'public with scopes',
    `${upstream}  routes: [{path: /a, public: true, require: {scopes: [a]}}]\n`,
    /can never hold/,
  ],
  [
    'a pattern with dots',
    `${upstream}  routes: [{path: /a/../b, public: true}]\n`,
    /can never match/,
  ],
  [
    'a pattern with a query',
    `${upstream}  routes: [{path: "/a?b", public: true}]\n`,
    /can never match/,
  ],
  [
    'a pattern with a needless escape',
    `${upstream}  routes: [{path: /%61, public: true}]\n`,
    /can never match/,
  ],
  ['** in the middle', `${upstream}  routes: [{path: /a/**/b, public: true}]\n`, /only at the end/],
  ['half a star', `${upstream}  routes: [{path: /a*, public: true}]\n`, /whole segment/],
  [
    'a WebSocket without GET',
    `${upstream}  routes: [{path: /a, public: true, methods: [POST], websocket: {}}]\n`,
    /begins with GET/,
  ],
  [
    'no range',
    `${upstream}  routes: [{path: /a, public: true, require: {cidr: [10.0.0.0/40]}}]\n`,
    /expected an address or a range/,
  ],
  [
    'an unknown upstream',
    `${upstream}  routes: [{path: /a, public: true, upstream: b}]\n`,
    /no "b" under upstreams:/,
  ],
  ['mtls without tls', `${upstream}  auth: {mesh: {type: mtls, ca: /ca}}\n`, /add tls/],
  ['no upstream at all', '  accessLog: all\n', /upstream: missing; expected the URL of the app/],
  [
    'an upstream that is a port',
    '  upstream: 8080\n',
    /expected the URL of the app.* \(got 8080\)/,
  ],
  [
    'a method that is never let through',
    `${upstream}  routes: [{path: /a, public: true, methods: [TRACE]}]\n`,
    /routes\[0\]\.methods: can never match: TRACE is refused; take some of GET, /,
  ],
  ...['/a%2Fb/*', '/a;b', '/a%zz', '/a%2525'].map(
    (path) =>
      [
        `a path that is refused before, ${path}`,
        `${upstream}  routes: [{path: "${path}", public: true}]\n`,
        /routes\[0\]\.path: can never match: requests with an? [a-z ]+ are refused/,
      ] as const,
  ),
  [
    'an escape that is never compared so',
    `${upstream}  paths: {caseSensitive: true}\n  routes: [{path: "/%c3%a4", public: true}]\n`,
    /can never match: write escapes in capitals/,
  ],
  [
    'burst without rate',
    `${upstream}  routes: [{path: /a, public: true, limits: {burst: 5}}]\n`,
    /limits\.burst: says nothing without rate/,
  ],
  [
    'a delay as long as the deadline',
    `${upstream}  shutdown: {delay: 25s, deadline: 25s}\n`,
    /shutdown\.delay: must be shorter than deadline/,
  ],
  [
    'an identity header that is not to be had',
    `${upstream}  identity: {headers: {X-User: subject, Content-Length: sub}}\n`,
    /3 ambassador\.identity\.headers\.Content-Length: is written by the ambassador itself/,
  ],
  [
    'an identity header twice',
    `${upstream}  identity: {headers: {X-User: subject, x-user: sub}}\n`,
    /headers\.x-user: is the same header as X-User; remove one/,
  ],
  ['a near miss', `${upstream}  routes: [{path: /a, pubilc: true}]\n`, /did you mean "public"/],
] as const) {
  test(`refused with a place and the mend: ${what}`, () => {
    const found = problems(section);
    assert.ok(
      found.some((problem) => expected.test(problem)),
      found.join('\n') || 'nothing was found',
    );
  });
}
