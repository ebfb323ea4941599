import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../sidecars/core/config/load.ts';
import { ConfigError } from '../../sidecars/core/errors.ts';
import { logTailSchema } from '../../sidecars/log-tail/config.ts';

const parseAll = (text: string) =>
  readConfig({ text, file: 'f.yaml', environment: { POD_NAME: 'p1' } }).section(
    'logTail',
    logTailSchema,
  );
const withInput = (text: string) => `logTail:\n  inputs: {app: {paths: [/x]}}\n${text}`;
const parse = (text: string) => parseAll(withInput(text));
const complaints = (text: string) => complaintsOf(withInput(text));

function complaintsOf(text: string): string[] {
  try {
    parseAll(text);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

test('an output whose name is a type needs no type; others say theirs', () => {
  const { outputs } = parse(`
  outputs:
    loki: {url: 'http://loki:3100/loki/api/v1/push'}
    archive: {type: file, path: /archive}
`);
  assert.deepEqual(
    Object.entries(outputs).map(([name, { type }]) => [name, type]),
    [
      ['loki', 'loki'],
      ['archive', 'file'],
    ],
  );
  assert.deepEqual(Object.keys(parse('').outputs), ['stdout']);
});

test('labels come from the downward API by way of the environment', () => {
  assert.deepEqual(parse('  labels: {pod: "${POD_NAME}", node: "${NODE_NAME:-none}"}').labels, {
    pod: 'p1',
    node: 'none',
  });
});

test('each mistake is told at its place, with the mend', () => {
  const mistakes: readonly (readonly [string, RegExp])[] = [
    [
      '  outputs: {loki: {url: loki:3100}}',
      /^logTail\.outputs\.loki\.url: expected a URL that begins with http/,
    ],
    ['  outputs: {loki: {url: "http://x", tenent: a}}', /unknown key; did you mean "tenant"/],
    [
      '  outputs: {mine: {url: "http://x"}}',
      /^logTail\.outputs\.mine\.type: missing; expected one of/,
    ],
    ['  outputs: {"a b": {type: stdout}}', /expected a name of letters/],
    ['  outputs: {http: {url: "http://x", spool: {path: /s}}}', /spool: .*required: false/],
    ['  outputs: {http: {url: "http://x", body: array}}', /body: .*set as: json/],
    ['  outputs: {syslog: {address: "x:1", tls: {}}}', /tls: only for transport: tls/],
    ['  outputs: {syslog: {address: x}}', /expected HOST:PORT/],
    ['  outputs: {stdout: {}, again: {type: stdout}}', /only one can be stdout/],
    ['  steps: [{sampel: {keep: 0.1}}]', /steps\[0\]\.sampel: unknown key; did you mean "sample"/],
    ['  steps: [{drop: a == 1, keep: b == 2}]', /a step is one of .* \(got drop and keep\)/],
    ['  steps: [{drop: "level = 1"}]', /steps\[0\]\.drop: expected one of == .* column 7/],
    ['  steps: [{drop: a == 1, options: {}}]', /options: is only for a module/],
    ['  metrics: {podmates_x: {type: counter}}', /podmates_ or process_ are taken/],
    ['  metrics: {x: {type: gauge}}', /metrics\.x\.value: missing/],
    ['  metrics: {x: {type: histogram, value: v, labels: [le]}}', /the label le is taken/],
    ['  metrics: {x: {type: histogram, value: v, buckets: [1, 1]}}', /bounds that rise/],
    ['  metrics: {x: {type: counter, match: "(?=a)"}}', /not a pattern in RE2 syntax/],
    ['  metrics: {x: {type: counter, buckets: [1]}}', /buckets: does not go together with/],
    ['  steps: [{redact: [{field: a, pattern: b}]}]', /pattern: does not go together with/],
    ['  steps: [{drop: ""}]', /steps\[0\]\.drop: expected a text with at least one character/],
    ['  outputs: {lokii: {url: "http://x"}}', /type: missing; .* \(did you mean "loki"\?\)$/],
    ['  outputs: {stdout: }', /expected a map of keys \(got nothing; an empty map is \{\}\)/],
    ['  outputs: {loki: {url: "http://x", labels: [http.status]}}', /\{status: http\.status\}/],
    ['  outputs: {http: {url: "http://x", retry: {min: 1m}}}', /retry: min is above max/],
    [
      '  outputs: {http: {url: "http://x", required: false, batch: {bytes: 32MiB}}}',
      /queue: a batch of batch\.bytes would never fit/,
    ],
    ['  outputs: {syslog: {address: "x:99999"}}', /expected HOST:PORT such as "logs:6514"/],
    ['  outputs: {forward: {address: "http://x:1"}}', /expected HOST:PORT/],
    ['  outputs: {kafka: {brokers: ["x:0"], topic: t}}', /expected HOST:PORT such as "kafka:9092"/],
  ];
  for (const [text, message] of mistakes) {
    const found = complaints(text);
    assert.ok(
      found.some((one) => message.test(one)),
      `${text}\n${found.join('\n')}`,
    );
  }
});

test('rules that can never match are mistakes', () => {
  const raw = '  inputs: {app: {paths: [/x], format: raw}}';
  const regex = '  inputs: {app: {paths: [/x], format: {regex: "^(?<level>\\\\w+)"}}}';
  const any = '  inputs: {app: {paths: [/x]}}';
  const mistakes: readonly (readonly [string, string, RegExp])[] = [
    [
      raw,
      'steps: [{drop: level == "debug"}]',
      /steps\[0\]\.drop: no input has a field "level"; the format raw/,
    ],
    [regex, 'steps: [{keep: levle == "x"}]', /no input has a field "levle"; did you mean "level"/],
    [raw, 'steps: [{add: {zone: a}}, {drop: zon == "a"}]', /did you mean "zone"/],
    [
      raw,
      'metrics: {x: {type: counter, match: "(?<a>b)", when: c == 1}}',
      /metrics\.x\.when: .*"c"/,
    ],
    [raw, 'outputs: {stdout: {when: level == "x"}}', /outputs\.stdout\.when: /],
    [any, `steps: [{drop: '$input == "ap"'}]`, /there is no input "ap"; did you mean "app"/],
    [
      '  inputs: {app: {paths: [/x], format: access}}',
      'steps: [{drop: stauts == 200}]',
      /no input has a field "stauts"; did you mean "status"/,
    ],
    [
      regex,
      'metrics: {x: {type: gauge, value: leve}}',
      /metrics\.x\.value: no input has a field "leve"; did you mean "level"/,
    ],
    [any, `steps: [{drop: 'not $input in ["app", "web"]'}]`, /there is no input "web"/],
  ];
  for (const [inputs, text, message] of mistakes) {
    const found = complaintsOf(`logTail:\n${inputs}\n  ${text}\n`);
    assert.equal(found.length, 1, `${text}\n${found.join('\n')}`);
    assert.match(found[0] ?? '', message);
  }
  const well: readonly (readonly [string, string])[] = [
    [raw, `steps: [{drop: '$line matches "x"'}, {add: {zone: a}}, {keep: zone == "a"}]`],
    [raw, 'metrics: {x: {type: counter, match: "(?<a>b)", when: a == 1, value: a}}'],
    [raw, 'steps: [{module: ./x.ts}, {drop: anything}]'],
    [regex, 'steps: [{rename: {level: lvl}}, {drop: lvl == "x"}]'],
    [any, `steps: [{drop: 'anything and $input == "app"'}]`],
  ];
  for (const [inputs, text] of well) {
    assert.deepEqual(complaintsOf(`logTail:\n${inputs}\n  ${text}\n`), []);
  }
});

test('what is written may neither be read again nor written by another', () => {
  const inputs = '  inputs: {app: {paths: ["/var/log/app/*.log"], exclude: ["*.out.log"]}}';
  const mistakes: readonly (readonly [string, string])[] = [
    ['{file: {path: /var/log/app/all.log}}', 'outputs.file.path: the input app would read this'],
    [
      '{http: {url: "http://x", rejected: {path: /var/log/../log/app/dead.log}}}',
      'outputs.http.rejected.path: the input app would read this',
    ],
    [
      '{file: {path: /x}, second: {type: file, path: /y/../x}}',
      'outputs.second.path: the output file has this path already',
    ],
    [
      `{http: {url: "http://x", required: false, spool: {path: /s}},
        loki: {url: "http://x", required: false, spool: {path: /s/}}}`,
      'outputs.loki.spool.path: the output http has this path already',
    ],
  ];
  for (const [outputs, message] of mistakes) {
    const found = complaintsOf(`logTail:\n${inputs}\n  outputs: ${outputs}\n`);
    assert.equal(found.length, 1, `${outputs}\n${found.join('\n')}`);
    assert.ok((found[0] ?? '').startsWith(`logTail.${message}`), found[0] ?? '');
  }
  const well = [
    '{file: {path: /var/log/app/all.out.log}}',
    '{file: {path: /var/log/app/old/all.log}}',
    `{http: {url: "http://x", rejected: {path: /dead}},
      loki: {url: "http://x", rejected: {path: /dead}}}`,
  ];
  for (const outputs of well) {
    assert.deepEqual(complaintsOf(`logTail:\n${inputs}\n  outputs: ${outputs}\n`), []);
  }
});
