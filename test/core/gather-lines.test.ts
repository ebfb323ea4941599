import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { gatherLines } from '../../sidecars/core/gather-lines.ts';

function listen() {
  const writes: string[] = [];
  const gathered = gatherLines({ write: (lines) => void writes.push(lines) }, 30);
  return { writes, logger: pino({ base: null, timestamp: false }, gathered) };
}

test('the lines of one turn are written together, at its end', async () => {
  const { writes, logger } = listen();
  logger.info('a');
  logger.info('b');
  assert.deepEqual(writes, []);
  await setImmediate();
  logger.info('c');
  await setImmediate();
  assert.deepEqual(writes, [
    '{"level":30,"msg":"a"}\n{"level":30,"msg":"b"}\n',
    '{"level":30,"msg":"c"}\n',
  ]);
});

test('a warning goes out at once, behind what was said before it', () => {
  const { writes, logger } = listen();
  logger.info('a');
  logger.child({}).warn('b');
  assert.deepEqual(writes, ['{"level":30,"msg":"a"}\n{"level":40,"msg":"b"}\n']);
});

test('so does what has become long', () => {
  const { writes, logger } = listen();
  for (let count = 0; count < 200; count++) logger.info('x'.repeat(100));
  assert.equal(writes.length, 1);
});

test('what is said last before a program ends is heard', () => {
  const module = join(import.meta.dirname, '../../sidecars/core/logger.ts');
  const program = `
    import { createLogger } from ${JSON.stringify(module)};
    (await createLogger({ name: 'test' })).info('the last word');
    process.exit(3);`;
  const { stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module-typescript', '-e', program],
    { encoding: 'utf8' },
  );
  assert.equal(status, 3);
  assert.equal(JSON.parse(stderr).msg, 'the last word');
});
