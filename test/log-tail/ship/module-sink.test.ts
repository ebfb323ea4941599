import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { awaitUntil } from '../../await-until.ts';
import { deliver, makeDirectory } from '../delivery-harness.ts';

const sinkSource = `import { appendFileSync, existsSync } from 'node:fs';
import { defineSink, SendError } from 'podmates/log-tail';

interface Options { readonly path: string }

export default defineSink<Options>({
  name: 'mine',
  open({ path }) {
    let attempts = 0;
    return {
      async write(records, signal) {
        attempts += 1;
        if (existsSync(path + '.hang')) await new Promise(() => {});
        if (attempts === 1) throw new Error('not yet');
        if (records.some(({ text }) => text === 'poison')) {
          throw new SendError('not this one', { reason: 'refused', retryable: false });
        }
        signal.throwIfAborted();
        for (const { text, fields, file, offset } of records) {
          appendFileSync(path, JSON.stringify({ text, fields, file: file.path, offset }) + '\\n');
        }
      },
      close() {
        if (existsSync(path)) appendFileSync(path, 'closed\\n');
      },
    };
  },
});
`;

async function start(t: Parameters<typeof deliver>[0], more: Record<string, unknown> = {}) {
  const directory = makeDirectory(t);
  const module = join(directory, 'sink.ts');
  writeFileSync(module, sinkSource);
  const path = join(directory, 'out');
  const delivered = await deliver(t, {
    outputs: {
      mine: {
        type: 'module',
        module,
        options: { path },
        batch: { wait: '5ms' },
        retry: { min: '1ms', max: '5ms' },
        ...more,
      },
    },
  });
  return { ...delivered, path, rows: () => readFileSync(path, 'utf8').trimEnd().split('\n') };
}

test('a user-written sink gets records in batches, again after it threw, and is closed', async (t) => {
  const { give, untilAcknowledged, rows, delivery, metric } = await start(t);
  give('{"a":1}\nplain ü\n');
  await untilAcknowledged();
  await delivery.close();
  assert.deepEqual(rows(), [
    '{"text":"{\\"a\\":1}","fields":{"a":1},"file":"app.log","offset":0}',
    '{"text":"plain ü","file":"app.log","offset":8}',
    'closed',
  ]);
  const failures = { output: 'mine', reason: 'other' };
  assert.equal(await metric('podmates_log_tail_output_failures_total', failures), 1);
});

test('records that a sink will never take do not hold up the others', async (t) => {
  const { give, untilAcknowledged, rows, metric } = await start(t);
  give('first\n');
  await untilAcknowledged();
  give('poison\n');
  await untilAcknowledged();
  give('last\n');
  await untilAcknowledged();
  assert.equal(rows().length, 2);
  assert.equal(await metric('podmates_log_tail_output_rejected_records_total'), 1);
});

test('a sink that does not heed its signal is not waited for', async (t) => {
  const { give, delivery, path, metric } = await start(t, { timeout: '20ms' });
  writeFileSync(`${path}.hang`, '');
  give('line\n');
  await awaitUntil(async () => (await metric('podmates_log_tail_output_failures_total')) > 2, {
    what: 'three attempts',
  });
  const left = await delivery.drain(AbortSignal.timeout(30));
  assert.match(left[0] ?? '', /the sink did not finish in 20 ms/);
  assert.equal(existsSync(path), false);
});

test('a module without a sink is an error that says what to do', async (t) => {
  const module = join(makeDirectory(t), 'wrong.ts');
  writeFileSync(module, 'export default {};');
  await assert.rejects(deliver(t, { outputs: { mine: { type: 'module', module } } }), {
    code: 'ERR_MODULE',
    message: /^cannot open the output mine: .*defineSink/,
  });
});
