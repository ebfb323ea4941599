import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { attacks, attacksByHttp2 } from './attacks.ts';
import { ambassador, type Stage, setStage } from './stage.ts';

for (const h2c of [false, true]) {
  describe(h2c ? 'where h2c is heard too' : 'where HTTP/1.1 is heard', () => {
    let stage: Stage;
    before(async () => {
      stage = await setStage(ambassador(h2c));
    });
    after(() => stage?.close());
    for (const attack of h2c ? [...attacks, ...attacksByHttp2] : attacks) {
      test(`attack ${attack.number} fails: ${attack.title}`, () => {
        stage.app.forget();
        return attack.run(stage);
      });
    }
  });
}

test('README.md names every attack', () => {
  const table = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const rows = [...table.matchAll(/^\| (\d+) +\| (.+?) +\|/gm)];
  assert.ok(rows.length >= 40, `${rows.length} rows`);
  const named = new Map(rows.map(([, number, title]) => [Number(number), title]));
  for (const { number, title } of [...attacks, ...attacksByHttp2])
    assert.equal(named.get(number), title.replaceAll('|', '\\|'));
});
