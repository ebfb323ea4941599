import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCollector } from '../../../sidecars/adapter/map/collector.ts';
import { parseExposition } from '../../../sidecars/adapter/map/exposition/parse.ts';
import { createMetrics } from '../../../sidecars/core/metrics.ts';
import { openMetrics, page, readStrictly, text } from '../collect.ts';

const textPage = `# A comment.
# HELP http_requests_total Requests "by" code\\nand \\\\ method.
# TYPE http_requests_total counter
http_requests_total{code="200",method="get"} 1027 1395066363000
http_requests_total{method="post",code="200",} 3

# TYPE odd untyped
odd{path="C:\\\\DIR",error="say \\"hi\\"\\n"} +Inf
bare 1.5e+09
# TYPE latency histogram
latency_bucket{le="0.1"} 2
latency_bucket{le="1"} 3
latency_bucket{le="+Inf"} 4
latency_sum 5.5
latency_count 4
# TYPE wait summary
wait{quantile="0.5"} NaN
wait_sum 1
wait_count 2
# TYPE temperature gauge
temperature -Inf
`;

test('a page in text format 0.0.4 is taken apart, and comes out with every sample', () => {
  const { faults, families } = readStrictly(textPage, false);
  assert.deepEqual(faults, []);
  const lines = (written: string) => written.split('\n').filter((line) => !/^(#|$)/.test(line));
  assert.deepEqual(lines(page(families, text)).sort(), [
    'bare 1500000000',
    'http_requests_total{code="200",method="get"} 1027 1395066363000',
    'http_requests_total{code="200",method="post"} 3',
    'latency_bucket{le="+Inf"} 4',
    'latency_bucket{le="0.1"} 2',
    'latency_bucket{le="1"} 3',
    'latency_count 4',
    'latency_sum 5.5',
    'odd{error="say \\"hi\\"\\n",path="C:\\\\DIR"} +Inf',
    'temperature -Inf',
    'wait_count 2',
    'wait_sum 1',
    'wait{quantile="0.5"} NaN',
  ]);
  assert.match(page(families, openMetrics), /total\{code="200",method="get"\} 1027 1395066363\n/);
  assert.match(
    page(families, text),
    /# HELP http_requests_total Requests "by" code\\nand \\\\ method\./,
  );
});

const openMetricsPage = `# HELP requests Requests.
# TYPE requests counter
requests_total{a="x"} 17 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67 1520879607.1
requests_created{a="x"} 1520430000.123
# TYPE build info
build_info{version="1"} 1
# TYPE phase stateset
phase{phase="a"} 1
phase{phase="b"} 0
# TYPE size_bytes histogram
# UNIT size_bytes bytes
size_bytes_bucket{le="1.0"} 1 # {trace_id="x y"} 0.5
size_bytes_bucket{le="+Inf"} 2
size_bytes_sum 3
size_bytes_count 2
size_bytes_created 1520430000
# TYPE load unknown
load 1
# TYPE queue gaugehistogram
queue_bucket{le="+Inf"} 4
queue_gcount 4
queue_gsum 8
# EOF
`;

test('a page in OpenMetrics comes out of it again, exemplars and beginnings included', () => {
  const { faults, families } = readStrictly(openMetricsPage, true);
  assert.deepEqual(faults, []);
  const again = page(families, openMetrics);
  assert.deepEqual(readStrictly(again, true).faults, []);
  const lines = (written: string) =>
    written
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .sort();
  assert.deepEqual(lines(again), lines(openMetricsPage));
  assert.match(page(families, text), /^requests_total\{a="x"\} 17 1520879607789$/m);
});

test('a page of the own client library is read without a fault', async () => {
  const metrics = createMetrics('adapter');
  metrics.histogram({ name: 'h_seconds', help: 'H.', labelNames: ['a'] }).observe({ a: 'x"\n' }, 3);
  const { faults, families } = readStrictly(await metrics.render(), false);
  assert.deepEqual(faults, []);
  assert.ok(families.some(({ name, type }) => name === 'h_seconds' && type === 'histogram'));
});

test('each breach of a format is told with its line, and the other lines are taken', () => {
  const cases: readonly (readonly [string, boolean, RegExp])[] = [
    ['x 1\nx 2\n', false, /duplicate x/],
    ['x{a="1",b="2"} 1\nx{b="2",a="1"} 2\n', false, /duplicate x/],
    ['x{a="1",a="2"} 1\n', false, /line 1: the label a twice/],
    ['x\n', false, /line 1: no number/],
    ['x{a=1} 1\n', false, /line 1: not a label/],
    ['x{a="\\q"} 1\n', false, /line 1: an escape that does not exist/],
    ['x{a="b} 1\n', false, /line 1: not a label/],
    ['1x 1\n', false, /line 1: no metric name/],
    ['x 1 2 3\n', false, /line 1: no number/],
    ['x one\n', false, /line 1: no number/],
    ['x 1', false, /no line end/],
    ['# TYPE x gauge\n# TYPE x gauge\nx 1\n', false, /the TYPE of x twice/],
    ['x 1\n# TYPE x gauge\n', false, /behind its samples/],
    ['# TYPE x thing\nx 1\n', false, /unknown type thing/],
    ['x{a="1"} 1\ny 1\nx{a="2"} 1\n', false, /the lines of x do not stand together/],
    ['# TYPE x histogram\nx_bucket{le="1"} 1\n', false, /bad_buckets x/],
    ['# TYPE x histogram\nx_bucket{le="1"} 5\nx_bucket{le="+Inf"} 1\n', false, /bad_buckets x/],
    ['# TYPE x histogram\nx_bucket 5\n', false, /without a number in le/],
    ['# TYPE x counter\nx -1\n', false, /negative x/],
    ['# TYPE x summary\nx{quantile="7"} 1\n', false, /a number from 0 to 1 in quantile/],
    ['# TYPE x summary\nx_count -1\n', false, /negative x/],
    ['# TYPE x stateset\nx{x="a"} 1\nx{x="a"} 0\n# EOF\n', true, /x twice with the same labels/],
    ['x 1\n', true, /no # EOF/],
    ['x 1\n# EOF\ny 1\n', true, /behind # EOF/],
    ['x 1\n\n# EOF\n', true, /a blank line/],
    ['# free comment\n# EOF\n', true, /not a HELP/],
    ['# TYPE x counter\nx 1\n# EOF\n', true, /a counter has no sample x/],
    ['x 1 # {a="b"}\n# EOF\n', true, /not an exemplar/],
  ];
  for (const [written, isOpenMetrics, expected] of cases) {
    const { faults } = readStrictly(`good{l="1"} 1\n${written}`, isOpenMetrics);
    const shifted = faults.map((fault) =>
      fault.replace(/^line (\d+)/, (_, line) => `line ${Number(line) - 1}`),
    );
    assert.match(shifted.join('\n'), expected, written);
  }
});

test('labels are added to every sample, and names get their prefix', () => {
  const collector = createCollector({ series: 100, labelLength: 100, onDrop: () => assert.fail() });
  parseExposition('# TYPE x counter\nx{a="1",env="mine"} 1\n', collector, {
    openMetrics: false,
    prefix: 'pod_',
    labels: { env: 'prod' },
    onFault: () => assert.fail(),
  });
  assert.equal(
    page(collector.families(), text),
    '# TYPE pod_x counter\npod_x{a="1",env="prod"} 1\n',
  );
});

test('a prefix renames the label of a stateset too, which is called as its metric', () => {
  const collector = createCollector({ series: 100, labelLength: 100, onDrop: () => assert.fail() });
  parseExposition('# TYPE s stateset\ns{a="1",s="on"} 1\ns{a="1",s="off"} 0\n# EOF\n', collector, {
    openMetrics: true,
    prefix: 'pod_',
    labels: {},
    onFault: (_line, fault) => assert.fail(fault),
  });
  const written = page(collector.families(), openMetrics);
  assert.deepEqual(readStrictly(written, true).faults, []);
  assert.match(written, /^pod_s\{a="1",pod_s="on"\} 1\npod_s\{a="1",pod_s="off"\} 0$/m);
});
