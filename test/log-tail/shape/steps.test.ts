import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createLogger } from '../../../sidecars/core/logger.ts';
import { createMetrics } from '../../../sidecars/core/metrics.ts';
import { logTailSchema } from '../../../sidecars/log-tail/config.ts';
import { rehearse } from '../../../sidecars/log-tail/rehearse.ts';
import { createBytesFilter } from '../../../sidecars/log-tail/shape/bytes-filter.ts';
import { deliver, makeDirectory, readMetric } from '../delivery-harness.ts';

/** What comes out of a sample by way of the given section. */
async function run(section: Record<string, unknown>, sample: string) {
  const metrics = createMetrics('log-tail');
  const config = logTailSchema.parse({ inputs: { app: { paths: ['/unused'] } }, ...section });
  const logger = await createLogger({ name: 'test', level: 'silent', format: 'json' });
  const result = await rehearse(config, {
    ...{ input: 'app', path: 'app.log', sample: Buffer.from(sample), logger, metrics },
  });
  const records = result.outputs['stdout'] ?? [];
  return { lines: records.map(({ line }) => line), records, metrics, result };
}

const steps = (...all: unknown[]) => ({ steps: all });

test('drop and keep', async () => {
  const sample = '{"level":"debug"}\n{"level":"info"}\nplain\n';
  const dropped = await run(steps({ drop: 'level == "debug"' }), sample);
  assert.deepEqual(dropped.lines, ['{"level":"info"}', 'plain']);
  const kept = await run(steps({ keep: 'level == "info"' }), sample);
  assert.deepEqual(kept.lines, ['{"level":"info"}']);
  const name = 'podmates_log_tail_filtered_records_total';
  assert.equal(await readMetric(dropped.metrics, name, { step: 'drop' }), 1);
  assert.equal(await readMetric(kept.metrics, name, { step: 'keep' }), 2);
});

test('fields are set, removed and renamed, and JSON lines are written anew', async () => {
  const section = steps(
    { add: { pod: 'p1', n: 1 } },
    { remove: ['secret', 'http.cookie'] },
    { rename: { lvl: 'level', 'http.status': 'status' } },
  );
  const { lines, records } = await run(
    section,
    '{"lvl":"info","secret":1,"http":{"status":200,"cookie":"c"}}\nlvl=warn msg=x\nplain\n{"broken\n',
  );
  assert.deepEqual(lines, [
    '{"http":{},"pod":"p1","n":1,"level":"info","status":200}',
    'lvl=warn msg=x',
    'plain',
    '{"broken',
  ]);
  assert.deepEqual(records[1]?.fields, { msg: 'x', pod: 'p1', n: 1, level: 'warn' });
  assert.deepEqual(records[3]?.fields, { pod: 'p1', n: 1 });
});

test('sampling keeps about the share, and the same records every time', async () => {
  const sample = Array.from({ length: 20_000 }, (_, n) => `{"path":"/healthz","n":${n}}\n`).join(
    '',
  );
  const section = steps({ sample: { when: 'path == "/healthz"', keep: 0.1 } });
  const [first, second] = [await run(section, sample), await run(section, sample)];
  assert.ok(first.lines.length > 1700 && first.lines.length < 2300, `${first.lines.length}`);
  assert.deepEqual(first.lines, second.lines);
  const other = await run(section, '{"path":"/"}\n'.repeat(50));
  assert.equal(other.lines.length, 50);
});

test('a limit lets the burst through, for each value of its field', async () => {
  const sample = '{"level":"a"}\n'.repeat(50) + '{"level":"b"}\n'.repeat(50);
  const { lines } = await run(steps({ limit: { rate: '1/h', burst: 5, by: 'level' } }), sample);
  assert.deepEqual(lines, [...Array(5).fill('{"level":"a"}'), ...Array(5).fill('{"level":"b"}')]);
  const all = await run(steps({ limit: { rate: '10/s' } }), sample);
  assert.equal(all.lines.length, 10);
});

test('a limit keeps account of ten thousand values, and the rest share one', async () => {
  const sample = Array.from({ length: 30_000 }, (_, n) => `{"user":${n}}\n`).join('');
  const begun = performance.now();
  const { lines } = await run(steps({ limit: { rate: '1/h', burst: 1, by: 'user' } }), sample);
  assert.equal(lines.length, 10_001);
  assert.equal(lines.at(-1), '{"user":10000}');
  // Looking through ten thousand buckets for each line would take many seconds.
  assert.ok(performance.now() - begun < 3000);
});

test('long lines are told apart by their end too when they are repeated', async () => {
  const long = 'x'.repeat(10_000);
  const { lines } = await run(steps({ dedupe: {} }), `${long}a\n${long}b\n${long}a\n${long}b\n`);
  assert.deepEqual(
    lines.map((line) => line.at(-1)),
    ['a', 'b'],
  );
});

test('the 10,000 latest lines are known as repeated, and older ones pass again', async () => {
  const numbers = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join('');
  // The first is forgotten for line 10,000, the others for what comes behind it.
  const sample = `${numbers(0, 10_001)}line 1\nline 0\nline 2\n${numbers(10_001, 20_000)}line 1\n`;
  const { lines } = await run(steps({ dedupe: { window: '1h' } }), sample);
  assert.equal(lines.length, 20_000 + 2);
  assert.deepEqual(lines.slice(10_000, 10_003), ['line 10000', 'line 0', 'line 10001']);
  assert.equal(lines.at(-1), 'line 1');
});

test('repetitions are left out for a while, and then counted', async (t) => {
  const module = join(makeDirectory(t), 'slow.ts');
  // The window is to pass in the middle of the sample.
  writeFileSync(
    module,
    `import { defineTransform } from 'podmates/log-tail';
export default defineTransform({
  name: 'slow',
  transform(record) {
    if (record.text !== '{"wait":1}') return record;
    const end = performance.now() + 60;
    while (performance.now() < end);
    return undefined;
  },
});`,
  );
  const one = '{"msg":"disk full","n":1}\n';
  const section = steps({ module }, { dedupe: { window: '50ms' } });
  const { lines } = await run(section, `${one}${one}${one}other\n{"wait":1}\n${one}`);
  assert.deepEqual(lines, [one.trim(), 'other', '{"msg":"disk full","n":1,"repeated":2}']);
  const by = await run(
    steps({ dedupe: { by: ['msg'] } }),
    '{"msg":"a","n":1}\n{"msg":"a","n":2}\n{"msg":"b"}\n',
  );
  assert.deepEqual(by.lines, ['{"msg":"a","n":1}', '{"msg":"b"}']);
});

test('user-written transforms change, multiply and leave out records; a throw costs none', async (t) => {
  const module = join(makeDirectory(t), 'mine.ts');
  writeFileSync(
    module,
    `import { defineTransform, type LogRecord } from 'podmates/log-tail';
interface Options { readonly suffix: string }
export default defineTransform<Options>({
  name: 'mine',
  transform(record: LogRecord, { suffix }) {
    if (record.text === 'drop') return undefined;
    if (record.text === 'twice') return [record, { ...record, text: 'second' }];
    if (record.text === 'throw') throw new Error('boom');
    if (record.fields) return { ...record, fields: { ...record.fields, suffix } };
    return { ...record, text: record.text + suffix };
  },
});`,
  );
  const { lines, metrics } = await run(
    steps({ module, options: { suffix: '!' } }),
    'a\ndrop\ntwice\nthrow\n{"b":1}\n',
  );
  assert.deepEqual(lines, ['a!', 'twice', 'second', 'throw', '{"b":1,"suffix":"!"}']);
  assert.equal(await readMetric(metrics, 'podmates_log_tail_transform_failures_total', {}), 1);
  const wrong = join(makeDirectory(t), 'wrong.ts');
  writeFileSync(wrong, 'export default { name: 1 };');
  await assert.rejects(run(steps({ module: wrong }), 'a\n'), {
    code: 'ERR_MODULE',
    message: /defineTransform/,
  });
  await pause(0);
});

test('steps on bytes give what steps on records give', async (t) => {
  const lines = [
    '{"level":30,"msg":"no"}',
    '{"level":40}',
    '{"level" : 50 , "pod" : "mine" } ',
    '{"level":50,"nested":{"pod":1}}\r',
    '{"level":60,"msg":"\\"pod\\":"}',
    'plain',
    ' {"level":70}',
    'level=80 msg=x',
    'level=3 msg=y',
    '{}',
    '{"level":41}trailing',
    '',
    'ü',
  ];
  const sample = `${lines.join('\n')}\n`;
  for (const format of ['json', 'auto']) {
    const section = {
      inputs: { app: { paths: ['/unused'], format } },
      ...steps({ keep: 'level >= 40 or level == null' }, { add: { pod: 'p"1', n: 2 } }),
    };
    const path = join(makeDirectory(t), 'out');
    const { give, untilAcknowledged, metric } = await deliver(t, {
      ...section,
      outputs: { file: { path } },
    });
    give(sample);
    give('{"level":1}\n{"level":90}', { partial: true });
    await untilAcknowledged();
    const onBytes = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    const { lines: onRecords } = await run(section, `${sample}{"level":1}\n{"level":90}`);
    assert.deepEqual(onBytes.map(parseIfJson), onRecords.map(parseIfJson), format);
    assert.equal(onBytes[0], '{"level":40,"pod":"p\\"1","n":2}');
    assert.equal(onBytes[1], '{"level":50,"pod":"p\\"1","n":2}');
    const dropped = await metric('podmates_log_tail_filtered_records_total', { step: 'keep' });
    assert.equal(dropped, format === 'auto' ? 3 : 2);
  }
});

test('only conditions on top-level keys with added fields behind them are done on bytes', () => {
  const isOnBytes = (...all: unknown[]) => {
    const config = logTailSchema.parse({ inputs: { app: { paths: ['/x'] } }, ...steps(...all) });
    const events = { leftOut: () => {}, redacted: () => {} };
    return createBytesFilter(config.steps, events) !== undefined;
  };
  assert.equal(isOnBytes({ keep: 'a == 1' }, { drop: 'b matches "x"' }, { add: { c: 1 } }), true);
  assert.equal(isOnBytes({ add: { c: 1 } }, { keep: 'c == 1' }), false);
  assert.equal(isOnBytes({ keep: 'a.b == 1' }), false);
  assert.equal(isOnBytes({ keep: 'a == 1' }, { dedupe: {} }), false);
});

function parseIfJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line.trimEnd();
  }
}

test('a transform in JavaScript that gives back anything else costs no record', async (t) => {
  const module = join(makeDirectory(t), 'mine.mjs');
  writeFileSync(
    module,
    `import { defineTransform } from 'podmates/log-tail';
const results = { promise: async () => {}, text: () => 'text', null: () => null, number: () => 5,
  wrong: (record) => ({ ...record, text: 5 }), list: (record) => [record, 'x'] };
export default defineTransform({ name: 'mine', transform: (record) => results[record.text](record) });`,
  );
  const all = ['promise', 'text', 'null', 'number', 'wrong', 'list'];
  const { lines, metrics } = await run(steps({ module }), `${all.join('\n')}\n`);
  assert.deepEqual(lines, all);
  assert.equal(
    await readMetric(metrics, 'podmates_log_tail_transform_failures_total', {}),
    all.length,
  );
});
