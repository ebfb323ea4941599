import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import {
  adapterSchema,
  convertJsonExporter,
  writeSourceConfig,
} from '../../../../sidecars/adapter/index.ts';
import { createCollector, type Dropped } from '../../../../sidecars/adapter/map/collector.ts';
import { compileMapping } from '../../../../sidecars/adapter/map/compile.ts';
import { rulesSchema } from '../../../../sidecars/adapter/map/schema.ts';
import { format } from '../../../../sidecars/adapter/publish/negotiate.ts';
import { writePage } from '../../../../sidecars/adapter/publish/write.ts';

const shop = {
  orders: 1234,
  planet: 'mars',
  'odd.key': { 'with space': 7 },
  at: 1657568506,
  stock: '41.5',
  open: true,
  nothing: null,
  boxes: [
    { id: 'a', n: 1, full: true, state: 'ACTIVE', size: { w: 3 } },
    { id: 'b', n: 2, full: true, state: 'IDLE', size: { w: 4 } },
    { id: 'c', n: 3, full: false, state: 'ACTIVE', size: { w: 5 } },
  ],
};

/** Each metric of json_exporter with the samples that json_exporter makes of it. */
const cases: readonly [string, string, readonly string[], unknown?][] = [
  ['a value', "{name: orders, path: '{ .orders }', help: Orders}", ['orders 1234']],
  ['a path from the root', "{name: orders, path: '{$.orders}'}", ['orders 1234']],
  [
    'a static and a mixed label',
    "{name: o, path: '{.orders}', labels: {env: beta, where: 'planet-{.planet}'}}",
    ['o{env="beta",where="planet-mars"} 1234'],
  ],
  [
    'a label with braces and equals sign',
    "{name: o, path: '{.orders}', labels: {env: '=x'}}",
    ['o{env="=x"} 1234'],
  ],
  ['a number sent as text', "{name: stock, path: '{.stock}'}", ['stock 41.5']],
  ['a boolean', "{name: open, path: '{.open}'}", ['open 1']],
  ['a missing key', "{name: none, path: '{.none}', allow_missing_key: true}", []],
  ['a key in brackets', `{name: odd, path: "{.['odd.key']['with space']}"}`, ['odd 7']],
  ['an escaped dot', `{name: odd, path: '{.odd\\.key["with space"]}'}`, ['odd 7']],
  ['an index', "{name: second, path: '{.boxes[1].n}'}", ['second 2']],
  ['an index from the end', "{name: last, path: '{.boxes[-1].n}'}", ['last 3']],
  ['a filter in the middle of a value', `{name: b, path: '{.boxes[?(@.id=="b")].n}'}`, ['b 2']],
  [
    'rows by a filter',
    `{name: box, type: object, path: '{.boxes[?(@.state == "ACTIVE")]}', labels: {id: '{.id}'}, values: {active: 1, n: '{.n}', full: '{.full}'}}`,
    [
      'box_active{id="a"} 1',
      'box_active{id="c"} 1',
      'box_full{id="a"} 1',
      'box_full{id="c"} 0',
      'box_n{id="a"} 1',
      'box_n{id="c"} 3',
    ],
  ],
  [
    'rows by a filter on a number',
    "{name: box, type: object, path: '{.boxes[?(@.n > 1)]}', labels: {id: '{.id}'}, values: {w: '{.size.w}'}}",
    ['box_w{id="b"} 4', 'box_w{id="c"} 5'],
  ],
  [
    'rows by a filter on a deeper field',
    "{name: box, type: object, path: '{.boxes[?(@.size.w != 4)]}', values: {one: 1}, labels: {id: '{.id}'}}",
    ['box_one{id="a"} 1', 'box_one{id="c"} 1'],
  ],
  [
    'all rows',
    "{name: box, type: object, path: '{.boxes[*]}', labels: {id: '{.id}'}, values: {n: '{.n}'}}",
    ['box_n{id="a"} 1', 'box_n{id="b"} 2', 'box_n{id="c"} 3'],
  ],
  [
    'a slice',
    "{name: box, type: object, path: '{.boxes[0:2]}', labels: {id: '{.id}'}, values: {n: '{.n}'}}",
    ['box_n{id="a"} 1', 'box_n{id="b"} 2'],
  ],
  [
    'a union',
    "{name: box, type: object, path: '{.boxes[0,2]}', labels: {id: '{.id}'}, values: {n: '{.n}'}}",
    ['box_n{id="a"} 1', 'box_n{id="c"} 3'],
  ],
  [
    'recursive descent',
    "{name: width, type: object, path: '{..size}', labels: {w: '{.w}'}, values: {one: 1}}",
    ['width_one{w="3"} 1', 'width_one{w="4"} 1', 'width_one{w="5"} 1'],
  ],
  [
    'one row without a star',
    "{name: first, type: object, path: '{.boxes[0]}', labels: {id: '{.id}', big: 'x-{.size.w}'}, values: {n: '{.n}', none: '{.none}'}}",
    ['first_n{big="x-3",id="a"} 1'],
  ],
  ['a gauge', "{name: g, path: '{.orders}', valuetype: gauge}", ['g 1234']],
  ['a counter keeps its name', "{name: c, path: '{.orders}', valuetype: counter}", ['c 1234']],
  [
    'a list at the top',
    "{name: animal, type: object, path: '{ [*] }', labels: {name: '{ .noun }', predator: '{ .predator }'}, values: {population: '{ .population }'}}",
    [
      'animal_population{name="deer",predator="false"} 456',
      'animal_population{name="lion",predator="true"} 123',
    ],
    [
      { noun: 'lion', population: 123, predator: true },
      { noun: 'deer', population: 456, predator: false },
    ],
  ],
];

for (const [what, metric, expected, document = shop] of cases) {
  test(`json_exporter: ${what}`, () => {
    const { lines, dropped } = runModule(`modules: {default: {metrics: [${metric}]}}`, document);
    assert.deepEqual(lines, expected);
    assert.deepEqual(dropped, []);
  });
}

test('where json_exporter is wrong, we are not', () => {
  const module = (metric: string) => `modules: {default: {metrics: [${metric}]}}`;
  const rows = [
    { id: 1655371000, n: 1 },
    { id: 1655371000, n: 2 },
  ];
  const twice = runModule(
    module("{name: r, type: object, path: '{[*]}', labels: {id: '{.id}'}, values: {n: '{.n}'}}"),
    rows,
  );
  // Theirs: the label reads 1.655371e+09, and two equal rows answer 500 for the whole page.
  assert.deepEqual(twice.lines, ['r_n{id="1655371000"} 1']);
  assert.deepEqual(
    twice.dropped.map(({ reason }) => reason),
    ['duplicate'],
  );
  // Theirs: null is NaN, which poisons every sum.
  assert.deepEqual(runModule(module("{name: n, path: '{.nothing}'}"), shop).lines, []);
});

test('what cannot be converted is said with its line', () => {
  const { notes } = convertJsonExporter(`modules:
  default:
    http_client_config:
      proxy_url: http://proxy
      basic_auth: {username: me, password: plain}
    valid_status_codes: [404]
    body: {content: '{{ .x }}', templatize: true}
    metrics:
    - name: dated
      path: '{.a}'
      epochTimestamp: '{.t}'
    - name: typo
      path: '{.a}'
      epochtimestamp: '{.t}'
    - name: broken
      path: '{.a[}'
    - name: ranged
      path: '{range .items[*]}{.x}{end}'
    - name: many
      path: '{.a[*].b}'
    - name: lost
      path: '{.a}'
      values: {x: '{.x}'}
`);
  const told = notes.map(({ line, message }) => `${line}: ${message.split(/[:;,]/)[0]}`);
  assert.deepEqual(
    told,
    [
      '4: left out',
      '5: a secret does not stand in the config',
      '7: Go templates have no counterpart',
      '11: left out',
      '14: "epochtimestamp" is no key that json_exporter reads',
      '16: cannot read the path from "[" ',
      '18: range and end have no counterpart in a value',
      '20: a path that can match several values',
      '23: read only for "type',
    ].map((line) => line.trimEnd()),
  );
});

test('connection settings become those of a source', () => {
  const { modules, notes } = convertJsonExporter(`modules:
  default:
    headers: {X-Shop: "1"}
    body: {content: '{"q": 1}'}
    valid_status_codes: [200, 503]
    http_client_config:
      tls_config: {ca_file: /ca.pem, server_name: app, insecure_skip_verify: true}
      bearer_token_file: /token
    metrics: [{name: a, path: '{.a}'}]
`);
  assert.deepEqual(notes, []);
  const text = writeSourceConfig(
    'default',
    modules['default'] ?? { metrics: [] },
    'https://app:1/s',
  );
  const source = adapterSchema.parse(parse(text).adapter).sources['default'];
  assert.equal(source?.method, 'POST');
  assert.deepEqual(source?.headers, { 'X-Shop': '1' });
  assert.deepEqual(source?.validStatus, [200, 503]);
  assert.deepEqual(source?.tls, { ca: '/ca.pem', serverName: 'app', insecureSkipVerify: true });
  assert.equal(JSON.stringify(source?.auth), '{"bearer":"(secret from file /token)"}');
});

test('every key of an HTTP client is converted, or left out with a word', () => {
  const { modules, notes } = convertJsonExporter(`modules:
  default:
    http_client_config:
      oauth2: {client_id: me, client_secret_file: /s, token_url: "https://id/t", scopes: [a]}
      tls_config: {min_version: TLS13}
      http_headers: {X-One: {values: [a]}, X-Two: {secrets: [b]}}
      enable_http2: false
    metrics: [{name: a, path: '{.a}', labels: {__x: y, z: "1"}}]
  basic:
    http_client_config:
      basic_auth: {username: u, password_file: /p}
      bearer_token_file: /t
    metrics: [{name: b, path: '{.a}'}]
`);
  const text = writeSourceConfig('a', modules['default'] ?? { metrics: [] }, 'https://app:1/s');
  const source = adapterSchema.parse(parse(text).adapter).sources['a'];
  const { auth, headers, metrics } = source ?? {};
  const oauth2 = { tokenUrl: 'https://id/t', clientId: 'me', scopes: ['a'] };
  assert.deepEqual(JSON.parse(JSON.stringify(auth)), {
    oauth2: { ...oauth2, clientSecret: '(secret from file /s)' },
  });
  assert.deepEqual(headers, { 'X-One': 'a' });
  assert.deepEqual(Object.keys(metrics?.[0]?.labels ?? {}), ['z']);
  assert.deepEqual(
    notes.map(({ line, message }) => `${line}: ${message}`),
    [
      '5: left out: TLS 1.2 and 1.3 are spoken',
      '6: left out: a header has one value; a secret one is auth.apiKey',
      '8: left out: names that begin with "__" are reserved by Prometheus',
      '12: left out: basic_auth says already who asks',
    ],
  );
});

function runModule(text: string, document: unknown) {
  const { modules } = convertJsonExporter(text);
  const rules = rulesSchema.parse(modules['default']?.metrics);
  const dropped: Dropped[] = [];
  const collector = createCollector({
    series: 1000,
    labelLength: 100,
    onDrop: (one) => dropped.push(one),
  });
  compileMapping(rules, { prefix: '', labels: {} }).run(document, collector);
  const page = writePage(collector.families(), format('text', 'underscores'));
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return { lines: lines.sort(), dropped };
}
