import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCondition } from '../../../sidecars/adapter/map/pick/condition.ts';
import { parsePath } from '../../../sidecars/adapter/map/pick/path.ts';
import { parseTemplate } from '../../../sidecars/adapter/map/pick/template.ts';
import { map, samples } from '../collect.ts';

test('paths of every kind', () => {
  const stepsOf = (text: string) => {
    const path = parsePath(text);
    return 'fault' in path ? path.fault : [path.start, ...path.steps.map(spell)];
  };
  const spell = (step: object) => Object.values(step).join(' ');
  assert.deepEqual(stepsOf('a.b'), ['row', 'member a', 'member b']);
  assert.deepEqual(stepsOf('.'), ['row']);
  assert.deepEqual(stepsOf('$'), ['document']);
  assert.deepEqual(stepsOf('$.a[0]["x.y"]'), ['document', 'member a', 'index 0', 'member x.y']);
  assert.deepEqual(stepsOf('$key'), ['key']);
  assert.deepEqual(stepsOf('$index'), ['index']);
  assert.deepEqual(stepsOf('$keys.a'), ['row', 'member $keys', 'member a']);
  assert.deepEqual(stepsOf("['it\\'s'].*"), ['row', "member it's", 'all']);
  assert.deepEqual(stepsOf('accepted conn'), ['row', 'member accepted conn']);
  assert.deepEqual(stepsOf('a[*][-1]'), ['row', 'member a', 'all', 'index -1']);
  assert.deepEqual(stepsOf('a[k=v w]["n"]'), ['row', 'member a', 'where k v w', 'member n']);
  assert.deepEqual(stepsOf('a[k="v]"]'), ['row', 'member a', 'where k v]']);
  for (const wrong of ['', ' ', 'a..b', 'a.', 'a[', 'a[b]', 'a["b', 'a]b', 'a[0]b']) {
    assert.match(String(stepsOf(wrong)), /path/, wrong);
  }
});

test('conditions compare, combine and complain', () => {
  const row = { on: true, off: false, n: 5, s: 'idle', 'odd-key': 1, big: '12', nothing: null };
  const holds = (where: string) =>
    samples(map(`- { gauge: x, value: 1, where: '${where.replaceAll("'", "''")}' }`, row).families)
      .length === 1;
  for (const where of [
    'on',
    'on == true',
    'not off',
    'n == 5 and s == "idle"',
    'n > 4.5',
    'n >= 5',
    'n < 6 and n <= 5',
    's != "busy"',
    's =~ "^id"',
    's !~ "x"',
    'off or (n == 5 and not off)',
    'nothing == null',
    'nowhere == null',
    'big == 12',
    'big > 11',
    "s == 'idle'",
    'odd-key == 1',
    '["odd-key"] == 1',
    's >= "idle"',
  ]) {
    assert.equal(holds(where), true, where);
  }
  for (const where of ['off', 'nothing', 'nowhere', 'n > 5', 's == "x"', 'nowhere > 1', 's > 3']) {
    assert.equal(holds(where), false, where);
  }
  for (const wrong of ['', 'n = 5', 'n ==', '(n == 5', 'n == 5)', 'n == five', 'and', 'n =~ 5']) {
    assert.throws(() => parseCondition(wrong), Error, wrong);
  }
});

test('templates hold values in braces', () => {
  assert.deepEqual(parseTemplate('a{{b}}'), { parts: ['a{b}'] });
  assert.deepEqual(parseTemplate(''), { parts: [''] });
  assert.ok('fault' in parseTemplate('a{b'));
  assert.ok('fault' in parseTemplate('a}b'));
  assert.ok('fault' in parseTemplate('{a.*}'));
});
