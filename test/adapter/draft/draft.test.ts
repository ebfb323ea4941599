import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draftMapping } from '../../../sidecars/adapter/draft/draft.ts';
import { createDraftMapper } from '../../../sidecars/adapter/draft/mapper.ts';
import { createShape, observe } from '../../../sidecars/adapter/draft/shape.ts';
import { toRules } from '../../../sidecars/adapter/draft/write.ts';
import { lintPage } from '../../../sidecars/adapter/index.ts';
import { compileMapping } from '../../../sidecars/adapter/map/compile.ts';
import { rulesSchema } from '../../../sidecars/adapter/map/schema.ts';
import { createDraftedSource, draftPage, pageOf } from './draft-page.ts';

/** Each document with lines that its page must have. */
const cases: readonly [string, unknown, readonly string[]][] = [
  [
    'names come from paths, and say nothing twice',
    { http: { httpRequests: 3, 'in-flight': 1 }, HTTPErrors: 2 },
    ['http_requests_total 3', 'http_in_flight 1', 'http_errors_total 2'],
  ],
  [
    'units are brought to base units',
    { latency_ms: 5, free_mb: 2, cpu_percent: 12.5, gc: { pauseTotalNs: 100 }, bytes_sent: 7 },
    [
      'latency_seconds 0.005',
      'free_bytes 2097152',
      'cpu_ratio 0.125',
      'gc_pause_seconds_total 1e-7',
      'sent_bytes_total 7',
    ],
  ],
  [
    'time that is spent on what is counted adds up',
    { search: { query_total: 4, query_time_in_millis: 1500 }, response_time_ms: 7 },
    ['search_query_total 4', 'search_query_time_seconds_total 1.5', 'response_time_seconds 0.007'],
  ],
  [
    'the unit of an object is the unit of its numbers',
    { response_ms: { mean: 5, max: 9 } },
    ['response_mean_seconds 0.005', 'response_max_seconds 0.009'],
  ],
  [
    'counts of things are named after the things',
    { user_count: 5, numConnections: 2, memory: { total: 9 } },
    ['users 5', 'connections 2', 'total_memory 9'],
  ],
  [
    'numbers, durations, sizes and dates that are sent as text are read',
    {
      hits: '12',
      uptime: '3h2m',
      disk_free: '1.5GiB',
      started_at: '2026-01-01T00:00:00Z',
      load: '28 %',
    },
    [
      'hits_total 12',
      'uptime_seconds 10920',
      'disk_free_bytes 1610612736',
      'started_timestamp_seconds 1767225600',
      'load_ratio 0.28',
    ],
  ],
  [
    'points in time are in seconds',
    { created: 1790000000123 },
    ['created_timestamp_seconds 1790000000.123'],
  ],
  [
    'texts that identify become labels, states a stateset',
    { version: '1.2.3', git: { commit: 'abc' }, status: 'UP' },
    [
      'app_info{version="1.2.3"} 1',
      'git_info{commit="abc"} 1',
      'status{status="UP"} 1',
      'status{status="DOWN"} 0',
    ],
  ],
  [
    'rows are told apart by the field that identifies them',
    {
      workers: [
        { id: 1, name: 'a', done: 3 },
        { id: 2, name: 'b', done: 4 },
      ],
    },
    ['worker_done_total{worker="a"} 3', 'worker_done_total{worker="b"} 4'],
  ],
  [
    'rows that nothing identifies are numbered',
    { samples: [{ depth: 1 }, { depth: 1 }] },
    ['sample_depth{index="0"} 1', 'sample_depth{index="1"} 1'],
  ],
  [
    'a row or two without the identifying field are left out',
    { stats: [...'abcdefgh'].map((name, value): unknown => ({ name, value })).concat({ odd: [] }) },
    ['stat_value{stat="a"} 0', 'stat_value{stat="h"} 7'],
  ],
  [
    'an identifying field that comes twice gets the number beside it',
    [
      { name: 'a', depth: 1 },
      { name: 'a', depth: 2 },
    ],
    ['depth{index="0",name="a"} 1', 'depth{index="1",name="a"} 2'],
  ],
  [
    'a map of like objects becomes a label',
    { queues: { orders: { depth: 3 }, 'mails/fast': { depth: 0 } } },
    ['queue_depth{queue="orders"} 3', 'queue_depth{queue="mails/fast"} 0'],
  ],
  [
    'a map inside of rows keeps the label of the row',
    { nodes: [{ name: 'n1', disks: { sda: { reads: 1 }, sdb: { reads: 2 } } }] },
    [
      'node_disk_reads_total{disk="sda",node="n1"} 1',
      'node_disk_reads_total{disk="sdb",node="n1"} 2',
    ],
  ],
  [
    'numbers by status stand beside their total',
    { requests_total: 5, requests_by_status: { '200': 4, '500': 1 } },
    ['requests_total 5', 'requests_by_status_total{code="200"} 4'],
  ],
  [
    'percentiles become a summary',
    { latency_ms: { count: 5, p50: 1, p99: 9 } },
    [
      'latency_seconds{quantile="0.5"} 0.001',
      'latency_seconds{quantile="0.99"} 0.009',
      'latency_seconds_count 5',
    ],
  ],
  [
    'counts by bound become a histogram',
    { latency_buckets: { '0.1': 3, '0.5': 5, '+Inf': 6 } },
    ['latency_bucket{le="0.1"} 3', 'latency_bucket{le="+Inf"} 6'],
  ],
  [
    'an app that says the type of its numbers is believed',
    {
      requests: { type: 'counter', value: 7, desc: 'Requests served' },
      size: { type: 'gauge', value: 2 },
    },
    ['requests_total 7', 'size 2'],
  ],
  [
    'counts by code are one metric, typed or not',
    {
      opcodes: { QUERY: 1, STATUS: 0, NOTIFY: 2 },
      status_codes: { '200': { type: 'counter', value: 3 }, '404': { type: 'counter', value: 1 } },
      rcodes: { NOERROR: 1, REFUSED: 2, FORMERR: 3, SERVFAIL: 4, '17': 5, '18': 6 },
    },
    ['opcodes{opcode="QUERY"} 1', 'status_codes_total{code="404"} 1', 'rcodes{rcode="17"} 5'],
  ],
  [
    'what is now and what ever was are two metrics',
    { connections: 1, total_connections: 5 },
    ['connections 1', 'connections_total 5'],
  ],
  [
    'lists of lists are numbered twice',
    { grid: [[{ depth: 1 }, { depth: 2 }], [{ depth: 3 }]] },
    ['grid_depth{index="1",index_2="0"} 3'],
  ],
  ['a name that Prometheus gives itself is avoided', { up: 1 }, ['app_up 1']],
  ['letters outside of ASCII keep a name of their own', { né: 1, 数: 2 }, ['ne 1', 'u6570 2']],
  [
    'load averages are labelled by their window',
    { load: [0.1, 0.2, 0.3] },
    ['load{window="15m"} 0.3'],
  ],
];

for (const [what, document, expected] of cases) {
  test(what, () => {
    const { lines, dropped, text } = draftPage(document);
    assert.deepEqual(dropped, []);
    assert.deepEqual(lintPage(text), []);
    for (const line of expected) assert.ok(lines.includes(line), `${line} is not in\n${text}`);
  });
}

test('secrets never leave the document', () => {
  const { text } = draftPage({
    password: 'x1',
    apiKey: 'x2',
    nested: { token: '12' },
    requests: 1,
  });
  assert.match(text, /requests_total 1/);
  assert.doesNotMatch(text, /x1|x2|12/);
});

test('what is no JSON is named, with the mend', async () => {
  const mapper = createDraftMapper({ prefix: '', labels: {}, several: false });
  const told = async (text: string) => {
    const input = { bytes: Buffer.from(text), contentType: undefined };
    const collect = () => assert.fail('nothing is collected');
    const run = async () => mapper(input, collect, new AbortController().signal);
    return run().then(
      () => 'nothing',
      (error: unknown) => String(error),
    );
  };
  assert.match(await told('# HELP a A.\n# TYPE a gauge\na 1\n'), /format: prometheus/);
  assert.match(await told('<!doctype html><p>hello'), /HTML/);
  assert.match(await told('{"a": 1}\n{"a": 2'), /JSON/);
  assert.match(await told('{"a": '), /JSON/);
});

test('the order of fields changes nothing', () => {
  const one = draftPage({ users: { count: 3 }, user_count: 5, a: { b: 1 }, a_b: 2 });
  const other = draftPage({ a_b: 2, a: { b: 1 }, user_count: 5, users: { count: 3 } });
  assert.deepEqual([...one.lines].sort(), [...other.lines].sort());
});

test('a metric keeps its name and type whatever comes later', () => {
  const scrape = createDraftedSource();
  const before = scrape({ queues: { a: { depth: 1 } }, users: 5, jobs: { x: { n: 1 } } });
  const more = {
    queues: { a: { depth: 2 }, b: { depth: 1, ms: 3 } },
    users: 3,
    jobs: { x: { n: 1 } },
  };
  const after = scrape({ user_count: 9, ...more });
  const namesOf = (lines: readonly string[]) => lines.map((line) => line.replace(/ .*/, ''));
  for (const name of namesOf(before.lines)) assert.ok(namesOf(after.lines).includes(name), name);
  assert.ok(after.lines.includes('queue_depth{queue="b"} 1'), after.text);
});

test('a state that no draft could foresee is shown, and breaks nothing', () => {
  const shape = createShape();
  observe(shape, { phase: 'idle' });
  const rules = rulesSchema.parse(toRules(draftMapping(shape).nodes));
  const mapping = compileMapping(rules, { prefix: '', labels: {} });
  const { lines, dropped } = pageOf((collector) => mapping.run({ phase: 'busy' }, collector));
  assert.deepEqual(dropped, []);
  assert.ok(lines.includes('phase{phase="idle"} 0'), lines.join('\n'));
  assert.ok(lines.includes('phase{phase="other"} 1'), lines.join('\n'));
});

test('without a config, a new state joins those that are known', () => {
  const scrape = createDraftedSource();
  scrape({ health: 'UP' });
  const { lines, dropped, text } = scrape({ health: 'BUSY' });
  assert.deepEqual(dropped, []);
  assert.deepEqual(lintPage(text), []);
  assert.ok(lines.includes('health{health="UP"} 0'), text);
  assert.ok(lines.includes('health{health="BUSY"} 1'), text);
});

test('a field that says more than states at once is no stateset', () => {
  const { lines } = draftPage({
    rows: [
      { name: 'a', role: 'leader' },
      { name: 'b', role: 'web' },
    ],
  });
  assert.deepEqual(
    lines.filter((line) => line.includes('candidate')),
    [],
  );
});

test('an app that names new things at every scrape does not grow the page without bound', () => {
  const scrape = createDraftedSource();
  let lines = 0;
  for (let turn = 0; turn < 60; turn++) {
    const fields = Array.from({ length: 100 }, (_, n) => [
      `field${turn}x${n}`,
      { a: n, b: 'text' },
    ]);
    lines = scrape(Object.fromEntries(fields)).lines.length;
  }
  assert.ok(lines <= 5000, `${lines} lines`);
});

test('keys of a map that come and go are forgotten, and the metric stays what it was', () => {
  const scrape = createDraftedSource();
  for (let turn = 0; turn < 40; turn++) {
    const entries = Array.from({ length: 500 }, (_, n) => [
      `s${turn}-${n}`,
      { bytes_sent: n, age: 1 },
    ]);
    const { lines, text } = scrape({ sessions: Object.fromEntries(entries) });
    assert.equal(lines.filter((line) => line !== '').length, 1000, text.slice(0, 500));
    assert.ok(lines.includes(`session_sent_bytes_total{session="s${turn}-7"} 7`));
  }
});

test('the help says the path of a value also where the document is a list', () => {
  const { text } = draftPage([{ name: 'a', weight: 1 }]);
  assert.match(text, /^# HELP weight The value of \[\*\]\.weight\.$/m);
});

test('once several documents came, one alone is a row too', () => {
  const mapper = createDraftMapper({ prefix: '', labels: {}, several: false });
  const scrape = (text: string) =>
    pageOf((collector) => {
      const input = { bytes: Buffer.from(text), contentType: undefined };
      void mapper(input, () => collector, new AbortController().signal);
    }).lines;
  assert.deepEqual(scrape('{"name":"a","weight":1}\n{"name":"b","weight":2}\n'), [
    'weight{name="a"} 1',
    'weight{name="b"} 2',
    '',
  ]);
  assert.deepEqual(scrape('{"name":"b","weight":3}\n'), ['weight{name="b"} 3', '']);
});
