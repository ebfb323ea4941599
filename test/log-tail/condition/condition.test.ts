import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileBytesCondition } from '../../../sidecars/log-tail/condition/bytes.ts';
import { compileCondition } from '../../../sidecars/log-tail/condition/compile.ts';
import { parseCondition } from '../../../sidecars/log-tail/condition/parse.ts';
import { createRandom } from '../ship/doubles/receiver.ts';

const file = { id: 'f', path: '/var/log/app.log', input: 'app' };
const holds = (source: string, fields: Record<string, unknown> | undefined, text = '') =>
  compileCondition(parseCondition(source))({ file, fields, text });

test('conditions say what they read like', () => {
  const fields = {
    level: 'warn',
    status: 503,
    code: '404',
    path: '/a',
    ok: true,
    off: false,
    nothing: null,
    http: { status: 500 },
    'a.b': 1,
    'user-agent': 'curl/8',
    '@timestamp': 'x',
  };
  const cases: readonly (readonly [string, boolean])[] = [
    ['level == "warn"', true],
    ["level == 'warn'", true],
    ['level != "warn"', false],
    ['missing != "warn"', true],
    ['missing == null', true],
    ['nothing == null', true],
    ['level != null', true],
    ['status >= 500', true],
    ['status == "503"', true],
    ['status >= "5"', true],
    ['status < "5"', false],
    ['ok > "a"', false],
    ['code >= 400 and code < 500', true],
    ['level >= 1', false],
    ['missing < 1', false],
    ['missing > -1', false],
    ['not missing', true],
    ['ok', true],
    ['off', false],
    ['ok == true', true],
    ['off == false', true],
    ['path in ["/a", "/b"]', true],
    ['path not in ["/a", "/b"]', false],
    ['status in [200, 503]', true],
    ['missing not in ["x"]', true],
    ['http.status == 500', true],
    ['http.missing.deep == null', true],
    ['a.b == 1', true],
    ['`user-agent` matches "^curl/"', true],
    ['@timestamp == "x"', true],
    ['level matches "^W"', false],
    ['level matches "(?i)^W"', true],
    ['status matches "^5\\d\\d$"', true],
    ['ok and not off', true],
    ['off or ok and level == "warn"', true],
    ['(off or ok) and level == "info"', false],
    ['not (ok and level == "warn")', false],
    ['$severity >= "warn"', true],
    ['$severity < "error"', true],
    ['$severity in ["warn", "error"]', true],
    ['$input == "app"', true],
    ['$path matches "app"', true],
    ['status>=500 and ok', true],
    ['status == -1.5e3', false],
    ['toString == null', true],
  ];
  for (const [source, expected] of cases) assert.equal(holds(source, fields), expected, source);
});

test('lines without fields can be asked for their text', () => {
  assert.equal(holds('$line matches "OOM|panic"', undefined, 'kernel: OOM killer'), true);
  assert.equal(holds('level == "debug"', undefined, 'x'), false);
  assert.equal(holds('$severity >= "trace"', undefined, 'x'), false);
  assert.equal(holds('$severity != "debug"', undefined, 'x'), true, 'missing is not debug');
  assert.equal(holds('$severity', undefined, 'x'), false);
});

test('severities by all their names and numbers', () => {
  const severities: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ level: 30 }, 'info'],
    [{ level: 60 }, 'fatal'],
    [{ level: 'WARNING' }, 'warn'],
    [{ severity: 'CRITICAL' }, 'fatal'],
    [{ lvl: 'dbg' }, 'debug'],
    [{ 'log.level': 'ERR' }, 'error'],
    [{ levelname: 'Notice' }, 'info'],
  ];
  for (const [fields, severity] of severities) {
    assert.equal(holds(`$severity == "${severity}"`, fields), true, JSON.stringify(fields));
  }
});

test('mistakes are told with their column', () => {
  const mistakes: readonly (readonly [string, RegExp])[] = [
    ['level = "x"', /expected one of == != .* at column 7 /],
    ['level == debug', /expected a text in quotes.* at column 10 .*got "debug"/],
    ['level ==', /at column 9 .*got the end/],
    ['(level == "x"', /expected "\)"/],
    ['level == "x" status == 1', /expected "and", "or" or the end at column 14/],
    ['path in "/a"', /expected "\["/],
    ['path in ["/a"', /expected "," or "\]"/],
    ['$levle == "x"', /unknown name/],
    ['$severity >= "wran"', /\$severity is one of trace, /],
    ['level matches warn', /expected a pattern in quotes/],
    ['level matches "(?=x)"', /RE2 syntax/],
    ['and level', /expected the name of a field at column 1/],
    ['level == "x" ; drop', /unexpected ";" at column 14/],
    ['', /got the end/],
    ['level == "x" && ok', /expected "and", .*, for "&&" write "and", at column 14/],
    ['level == "x" || ok', /for "\|\|" write "or"/],
    ['level == "x" AND ok', /for "AND" write "and"/],
    ['!ok', /expected the name of a field, for "!" write "not", at column 1/],
    ['level = "x"', /for "=" write "=="/],
    ['level =~ "x"', /for "=~" write "matches"/],
    ['message contains "x"', /for "contains" write "matches"/],
    ['status < true', /< is for numbers and texts at column 10/],
    ['status >= null', />= is for numbers and texts/],
  ];
  for (const [source, message] of mistakes) {
    assert.throws(() => parseCondition(source), { code: 'ERR_CONFIG', message }, source);
  }
});

test('on bytes a condition says what it says of the parsed line', () => {
  const sources = [
    'level >= 40',
    'level == "warn" or msg matches "b"',
    'not level',
    'level in [10, "é", null]',
    'msg == "a\\"b" and level != 30',
    'nested == null',
    '`k\\ey` == 1',
  ];
  const lines = [
    '{"level":40}',
    '{"level":-5,"msg":"a"}',
    '  { "msg" : "level" , "level" : 4e1 } ',
    '{"nested":{"level":99},"level":10}',
    '{"nested":[{"level":99},"}"],"level":"warn"}',
    '{"msg":"\\"level\\":50","level":30}',
    '{"msg":"\\\\","level":50}',
    '{"l\\u0065vel":50}',
    '{"level":"\\u00e9"}',
    '{"level":"é"}',
    '{"level":null}',
    '{"level":false,"msg":"b"}',
    '{"level":12345678901234567890}',
    '{}',
    '[]',
    'null',
    'no json',
    '',
    '{"level"}',
    '{"level":}',
    '{"a":1,"level":41,"level_":1}',
  ];
  for (const source of sources) {
    const condition = parseCondition(source.replaceAll('\\\\"', '\\"'));
    const onBytes = compileBytesCondition(condition);
    assert.ok(onBytes, source);
    for (const line of lines) {
      const bytes = Buffer.from(`before\n${line}\nafter`);
      const found = onBytes(bytes, 7, 7 + Buffer.byteLength(line));
      assert.equal(found, holdsOfLine(condition, line), `${source} on ${line}`);
    }
  }
});

test('on bytes and parsed, ten thousand random lines are judged alike', () => {
  const random = createRandom(42);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const value = (depth: number): unknown =>
    pick<() => unknown>([
      () => Math.floor(random() * 100),
      () => pick(['warn', 'a"b', '\\', 'ü', '', '{"level":1}', 'x\u0000']),
      () => pick([true, false, null]),
      () => (depth > 2 ? 1 : { level: value(depth + 1), [pick(['a', 'msg'])]: value(depth + 1) }),
      () => (depth > 2 ? [] : [value(depth + 1), value(depth + 1)]),
    ])();
  const condition = parseCondition('level >= 50 or msg == "warn" or level == "ü" and not a');
  const onBytes = compileBytesCondition(condition);
  assert.ok(onBytes);
  let held = 0;
  for (let round = 0; round < 10_000; round += 1) {
    const keys = ['a', 'level', 'msg', 'other'].filter(() => random() < 0.7);
    const document = Object.fromEntries(keys.map((key) => [key, value(0)]));
    const line = JSON.stringify(document, undefined, pick([0, 1]))?.replaceAll('\n', ' ');
    const bytes = Buffer.from(line);
    const expected = holdsOfLine(condition, line);
    if (expected) held += 1;
    assert.equal(onBytes(bytes, 0, bytes.length), expected, line);
  }
  assert.ok(held > 500 && held < 9500, `${held} held`);
});

test('what asks for more than top-level keys is not done on bytes', () => {
  for (const source of ['http.status == 1', '$severity >= "warn"', 'a and $line matches "x"']) {
    assert.equal(compileBytesCondition(parseCondition(source)), undefined, source);
  }
});

function holdsOfLine(condition: ReturnType<typeof parseCondition>, line: string): boolean {
  return compileCondition(condition)({ file, text: line, fields: parseObject(line) });
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
