import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { callPodmates } from './call-podmates.ts';

const config = `logTail:
  inputs:
    app: {paths: [/unused], format: json}
    web: {paths: [/unused-too], format: access}
  steps:
    - drop: level == "debug"
    - redact: [email]
  metrics:
    app_lines_total: {type: counter, labels: [level]}
  outputs:
    stdout: {}
    errors: {type: http, url: http://nowhere.invalid, as: json, when: $severity >= "error"}
`;

function writeConfig(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'podmates-try-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'podmates.yaml');
  writeFileSync(file, config);
  return file;
}

async function run(t: TestContext, sample: string, ...more: string[]) {
  const file = writeConfig(t);
  const log = join(dirname(file), 'app.log');
  writeFileSync(log, sample);
  const called = await callPodmates(['log-tail', 'try', '-c', file, log, ...more]);
  const { code, stdout, stderr } = called;
  return { code, printed: stdout.trimEnd(), complained: stderr.trimEnd() };
}

const sample = `{"level":"debug","msg":"a"}
{"level":"info","msg":"from bob@example.com"}
{"level":"error","msg":"b","time":"2026-11-23T00:00:00Z"}
`;

test('shows what each output would get, and the metrics', async (t) => {
  const { code, printed, complained } = await run(t, sample, '--input', 'app');
  assert.equal(code, 0);
  assert.equal(complained, 'stdout: 2 of 3 lines\nerrors: 1 of 3 lines');
  const [first, second, third, ...metrics] = printed.split('\n');
  assert.equal(first, '{"level":"info","msg":"from [email]"}');
  assert.equal(second, '{"level":"error","msg":"b","time":"2026-11-23T00:00:00Z"}');
  assert.equal(JSON.parse(third ?? '').input, 'app');
  assert.ok(metrics.includes('app_lines_total{level="error"} 1'));
});

test('takes the sample from standard input', async (t) => {
  const file = writeConfig(t);
  const args = ['log-tail', 'try', '-c', file, '--input', 'app', '-'];
  const { code, stdout } = await callPodmates(args, '{"level":"info","msg":"piped"}\n');
  assert.equal(code, 0);
  assert.ok(stdout.startsWith('{"level":"info","msg":"piped"}\n'), stdout);
});

test('a sample in UTF-16 with a long line is counted and cut as a file would be', async (t) => {
  const file = writeConfig(t);
  writeFileSync(
    file,
    'logTail: {inputs: {app: {paths: [/x], encoding: utf-16le, maxLine: 20B, format: raw}}}',
  );
  const log = join(dirname(file), 'app.log');
  writeFileSync(
    log,
    Buffer.from('\uFEFFeins\r\n\u010A \u0A0A\n0123456789 and more\nlast', 'utf16le'),
  );
  const { code, stdout, stderr } = await callPodmates(['log-tail', 'try', '-c', file, log]);
  assert.equal(code, 0);
  assert.equal(stdout, 'eins\n\u010A \u0A0A\n0123456789\nlast\n');
  assert.equal(stderr, 'stdout: 4 of 4 lines\n');
});

test('as JSON, with times and fields', async (t) => {
  const { code, printed } = await run(t, sample, '--input=app', '--json');
  assert.equal(code, 0);
  const { outputs, lines, unparsed } = JSON.parse(printed);
  assert.equal(lines, 3);
  assert.equal(unparsed, 0);
  assert.equal(outputs.errors[0].time, '2026-11-23T00:00:00.000Z');
  assert.deepEqual(outputs.errors[0].fields.msg, 'b');
});

test('says that lines are not of their format, and fails', async (t) => {
  const { code, printed, complained } = await run(t, 'no access log\n', '--input', 'web');
  assert.equal(code, 1);
  assert.ok(printed.startsWith('no access log\n'));
  assert.match(complained, /1 records are not of the format of their input/);
});

test('wrong calls are told apart', async (t) => {
  const which = await run(t, sample);
  assert.equal(which.code, 2);
  assert.match(which.complained, /name one of the inputs with --input: app, web/);
  const typo = await run(t, sample, '--input', 'wep');
  assert.match(typo.complained, /there is no input "wep"; did you mean "web"/);
  const missing = await run(t, sample, 'second.log');
  assert.equal(missing.code, 2);
});
