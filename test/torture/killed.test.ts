import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createLogger } from '../../sidecars/core/logger.ts';
import { createCheckpointStore } from '../../sidecars/log-tail/follow/remember/checkpoint-store.ts';
import { createRandom } from './random.ts';
import { makeVolume, numbered } from './volume.ts';

const seed = Number(process.env['PODMATES_TORTURE_SEED'] ?? Date.now() % 1_000_000);
const kills = 50;

test(`kill -9 at ${kills} random points (11): each life begins where the checkpoint ends, seed ${seed}`, {
  timeout: 240_000,
}, async (t) => {
  t.diagnostic(`repeat with PODMATES_TORTURE_SEED=${seed}`);
  const random = createRandom(seed);
  const volume = makeVolume(t);
  let written = 0;
  const write = async () => {
    const more = 1 + random.below(400);
    await volume.append(written + 1, written + more);
    written += more;
  };
  let acknowledged = 0; // up to which line the checkpoint has them
  let twice = 0;
  for (let life = 1; life <= kills; life++) {
    const before = volume.lines().length;
    const reader = await volume.start({ checkpoint: { every: '20ms' } });
    const end = performance.now() + random.below(200);
    while (performance.now() < end) {
      await write();
      await pause(random.below(20));
    }
    await reader.stop('SIGKILL');
    const lines = volume.lines().slice(before);
    const first = acknowledged + 1;
    assert.deepEqual(lines, numbered(first, first + lines.length - 1), `life ${life}`);
    twice += Math.min(
      lines.length,
      Math.max(0, highest(volume.lines().slice(0, before)) - acknowledged),
    );
    acknowledged = linesBefore(volume.log, await savedOffset(volume.state));
    assert.ok(acknowledged <= highest(volume.lines()), 'nothing is acknowledged that did not come');
  }
  const soFar = volume.lines().length;
  const last = await volume.start();
  await write();
  const rest = written - acknowledged;
  await volume.until(soFar + rest);
  assert.equal(await last.stop('SIGTERM'), 0);
  assert.deepEqual(volume.lines().slice(-rest), numbered(acknowledged + 1, written));
  assert.deepEqual([...new Set(volume.lines())], numbered(1, written));
  t.diagnostic(`${written} lines, ${twice} of them twice`);
});

function highest(lines: readonly string[]): number {
  return lines.reduce((most, line) => Math.max(most, Number(line.slice(1))), 0);
}

/** Of the newest checkpoint that is whole, which may not have its name yet. */
async function savedOffset(state: string): Promise<number> {
  const logger = await createLogger({ name: 'test', level: 'silent', format: 'json' });
  const checkpoint = await createCheckpointStore(state, logger).load();
  return checkpoint?.entries[0]?.offset ?? 0;
}

function linesBefore(log: string, offset: number): number {
  return readFileSync(log)
    .subarray(0, offset)
    .filter((byte) => byte === 10).length;
}
