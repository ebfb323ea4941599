import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { deliver, makeDirectory } from './delivery-harness.ts';
import { createReceiver } from './ship/doubles/receiver.ts';

const example = (name: string) => join(import.meta.dirname, '../../examples/log-tail-custom', name);

test('the example of a step and an output of one`s own does what it says', async (t) => {
  const chat = await createReceiver(t, () => ({ status: 200 }));
  const path = join(makeDirectory(t), 'out');
  const { give, untilAcknowledged } = await deliver(t, {
    steps: [{ module: example('regions.ts'), options: { eu: ['de', 'fr'] } }],
    outputs: {
      copy: { type: 'file', path },
      chat: {
        type: 'module',
        module: example('chat.ts'),
        options: { url: `${chat.url}/hooks/billing` },
        when: '$severity >= "warn"',
        required: false,
        batch: { wait: '5ms' },
      },
    },
  });
  give('{"level":"info","country":"de"}\n{"level":"info","country":"test"}\n');
  give('{"level":"warn","country":"jp","time":"2026-11-23T00:00:00Z"}\n');
  await untilAcknowledged();
  assert.deepEqual(readFileSync(path, 'utf8').trimEnd().split('\n'), [
    '{"level":"info","country":"de","region":"eu"}',
    '{"level":"warn","country":"jp","time":"2026-11-23T00:00:00Z","region":"elsewhere"}',
  ]);
  await awaitUntil(() => chat.requests.length === 1, { what: 'a message in the chat' });
  assert.deepEqual(JSON.parse(chat.requests[0]?.body ?? ''), {
    text: '2026-11-23T00:00:00.000Z {"level":"warn","country":"jp","time":"2026-11-23T00:00:00Z","region":"elsewhere"}',
  });
});
