import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RE2JS } from 're2js';
import { compileLinearRegex } from '../../../sidecars/core/linear-regex/compile.ts';
import { proveCost } from '../../../sidecars/core/linear-regex/cost.ts';
import { parseSyntax } from '../../../sidecars/core/linear-regex/syntax.ts';

const costOf = (source: string) => {
  const syntax = parseSyntax(source);
  return syntax === undefined ? 'not understood' : proveCost(syntax);
};

test('patterns that leave no choice are proved linear', () => {
  for (const source of [
    'foo',
    '^(\\S+) \\S+ \\[[^\\]]+\\] "(\\w+) ([^ "]+)',
    '\\b(?:\\d{1,3}\\.){3}\\d{1,3}\\b',
    'timeout after \\d+ms',
    '^\\w+ (.*)$',
    '(?i)error|warning',
    '^(?P<a>x)(?<b>y)?',
    '^[\\s\\d-]+$',
    '[a-f]{2,4}g',
  ]) {
    assert.equal(costOf(source), 'linear', source);
  }
});

test('one open repeat, or an open start, is proved quadratic', () => {
  for (const source of [
    '^(/[^/? "]*)[^"]*"',
    '^.*level=(\\w+)',
    '\\d+x',
    '[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+',
  ]) {
    assert.equal(costOf(source), 'quadratic', source);
  }
});

test('what could explode is never proved', () => {
  for (const source of [
    '(a+)+$',
    '^(a+)+$',
    '(a*)*b',
    '^(a|a)*$',
    '^(a|aa)+$',
    '^(a|ab)*c',
    '(?:a?){20}a{20}',
    '^(\\w+\\s?)*$',
    '^(.*)(.*)(.*)x$',
    '(x+x+)+y',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(.*a){12}',
    '\\s+$ ?\\s+',
  ]) {
    assert.ok(
      ['unknown', 'not understood'].includes(costOf(source)),
      `${source}: ${costOf(source)}`,
    );
  }
});

test('a line of 100,000 characters is judged at once by the worst of patterns', () => {
  const attacks: readonly (readonly [string, string])[] = [
    ['(a+)+$', 'a'],
    ['^(a|a)*$', 'a'],
    ['^(\\w+\\s?)*$', 'ab '],
    ['(.*a){12}b', 'a'],
    ['\\d+x', '1'],
    ['^.*level=.*status=x', 'level='],
  ];
  for (const [source, unit] of attacks) {
    const text = `${unit.repeat(100_000 / unit.length)}!`;
    const start = performance.now();
    compileLinearRegex(source).test(text);
    const took = performance.now() - start;
    // Backtracking would take longer than the age of the universe for most of these.
    assert.ok(took < 5000, `${source}: ${took} ms`);
  }
});

test('both engines find the same, group by group', () => {
  const sources = [
    '^(\\S+) (\\S+)',
    '(\\d+)-(\\d+)?',
    '[^a\\s]+b',
    '(?i)[K-M]x',
    '^a.c$',
    'a{2,3}b?',
    '(?:foo|bar)+(\\s*)',
    '\\bword\\b',
    '[\\]x-]+',
    '(a)|(b)',
    '\\.\\*\\[',
  ];
  const texts = [
    '',
    'a b',
    '12-34 5-',
    'xyzb',
    'KX lx',
    'a\nc',
    'abc',
    'aaab',
    'foobar  ',
    'a word',
    '-]x',
    'b',
    '.*[',
  ];
  let compared = 0;
  for (const source of sources) {
    assert.notEqual(costOf(source), 'not understood', source);
    const ours = compileLinearRegex(source);
    const re2 = RE2JS.compile(source);
    for (const text of texts) {
      const matcher = re2.matcher(text);
      const expected = matcher.find()
        ? Array.from(
            { length: matcher.groupCount() + 1 },
            (_, at) => matcher.group(at) ?? undefined,
          )
        : null;
      const found = ours.exec(text);
      assert.deepEqual(found && [...found], expected, `${source} on ${JSON.stringify(text)}`);
      assert.equal(ours.test(text), expected !== null);
      compared += 1;
    }
  }
  assert.equal(compared, sources.length * texts.length);
});

test('named groups come by name, and everything that matches is replaced', () => {
  const regex = compileLinearRegex('(?P<method>GET|POST) (?<path>/\\S*)( HTTP)?');
  assert.deepEqual(regex.groupNames, ['method', 'path']);
  assert.deepEqual(regex.groups('x GET /a?b y'), { method: 'GET', path: '/a?b' });
  assert.equal(regex.groups('PUT /'), null);
  for (const source of ['\\d+', '(\\d)+']) {
    assert.equal(
      compileLinearRegex(source).replaceAll('a1b22c', () => '$&'),
      'a$&b$&c',
    );
  }
});

test('what no linear engine has is an error that says so', () => {
  for (const source of ['(a)\\1', '(?=a)b', '(', 'a**', '[z-a]']) {
    assert.throws(() => compileLinearRegex(source), { code: 'ERR_CONFIG', message: /RE2 syntax/ });
  }
});
