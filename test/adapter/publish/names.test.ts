import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeLabels, escapeMetric, needEscape } from '../../../sidecars/adapter/publish/names.ts';
import { format } from '../../../sidecars/adapter/publish/negotiate.ts';
import { map, page, samples } from '../collect.ts';

test('names outside of the classic alphabet are written by the scheme asked for', () => {
  const cases = [
    ['http_requests', 'http_requests', 'http__requests', 'http_requests'],
    ['http.status', 'http_status', 'http_dot_status', 'U__http_2e_status'],
    ['мир', '___', '______', 'U___43c__438__440_'],
    ['1st', '_st', '__st', 'U___31_st'],
    ['a_b.c', 'a_b_c', 'a__b_dot_c', 'U__a__b_2e_c'],
  ] as const;
  for (const [name, underscores, dots, values] of cases) {
    assert.equal(escapeMetric(name, 'allow-utf-8'), name);
    assert.equal(escapeMetric(name, 'underscores'), underscores);
    assert.equal(escapeMetric(name, 'dots'), dots);
    assert.equal(escapeMetric(name, 'values'), values);
  }
});

test('labels are rewritten only where they must be, and never come twice', () => {
  assert.equal(needEscape(['a="x",b="\\"c.d\\"="'], 'underscores'), false);
  assert.equal(needEscape(['"c.d"="x",a="y"'], 'underscores'), true);
  assert.equal(escapeLabels('"c.d"="x,\\"y\\"",a="z"', 'underscores'), 'a="z",c_d="x,\\"y\\""');
  assert.equal(escapeLabels('"c.d"="x",c_d="z"', 'underscores'), 'c_d="x"');
});

const metrics = `
- gauge: http.status
  help: 'A "dotted" \\ name.'
  value: n
  labels: { "host.name": host, plain: =x }
- { counter: мир_total, help: Peace., value: n }
`;
const document = { n: 3, host: 'a"b' };

test('UTF-8 names stand in braces and quotes', () => {
  const { families } = map(metrics, document);
  assert.equal(
    page(families, format('text', 'allow-utf-8')),
    `# HELP "http.status" A "dotted" \\\\ name.
# TYPE "http.status" gauge
{"http.status","host.name"="a\\"b",plain="x"} 3
# HELP "мир_total" Peace.
# TYPE "мир_total" counter
{"мир_total"} 3
`,
  );
  assert.equal(
    page(families, format('openmetrics', 'allow-utf-8')),
    `# HELP "http.status" A \\"dotted\\" \\\\ name.
# TYPE "http.status" gauge
{"http.status","host.name"="a\\"b",plain="x"} 3
# HELP "мир" Peace.
# TYPE "мир" counter
{"мир_total"} 3
# EOF
`,
  );
  assert.deepEqual(samples(families), [
    'http_status{host_name="a\\"b",plain="x"} 3',
    '____total 3',
  ]);
});
