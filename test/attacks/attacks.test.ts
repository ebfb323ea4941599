import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { attacks } from './attacks.ts';
import { ambassador, type Stage, setStage } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await setStage(ambassador);
});
after(() => stage?.close());

for (const attack of attacks) {
  test(`attack ${attack.number} fails: ${attack.title}`, () => {
    stage.app.forget();
    return attack.run(stage);
  });
}

test('README.md names every attack', () => {
  const table = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const rows = [...table.matchAll(/^\| (\d+) +\| (.+?) +\|/gm)];
  assert.ok(rows.length >= 40, `${rows.length} rows`);
  const named = new Map(rows.map(([, number, title]) => [Number(number), title]));
  for (const { number, title } of attacks)
    assert.equal(named.get(number), title.replaceAll('|', '\\|'));
});
