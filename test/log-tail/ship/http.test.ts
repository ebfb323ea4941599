import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deliver, makeDirectory } from '../delivery-harness.ts';
import { createReceiver } from './doubles/receiver.ts';

const batch = { wait: '5ms' };

test('NDJSON with headers of the config, a token out of a file, and gzip', async (t) => {
  const receiver = await createReceiver(t, () => ({ status: 200 }));
  const token = join(makeDirectory(t), 'token');
  writeFileSync(token, 'secret-1\n');
  const { give, untilAcknowledged } = await deliver(t, {
    labels: { pod: 'p1' },
    outputs: {
      http: {
        url: `${receiver.url}/in?x=1`,
        as: 'json',
        headers: { 'x-team': 'shop', 'Content-Type': 'application/vnd.mine+ndjson' },
        auth: { bearer: { file: token } },
        compress: 'gzip',
        batch,
      },
    },
  });
  give('{"ts":"2026-11-23T00:00:00Z","n":1}\nplain\n');
  await untilAcknowledged();
  const [{ method, path, headers, body } = assert.fail('no request')] = receiver.requests;
  assert.deepEqual([method, path], ['POST', '/in?x=1']);
  assert.equal(headers['x-team'], 'shop');
  assert.equal(headers['content-type'], 'application/vnd.mine+ndjson');
  assert.equal(headers['content-encoding'], 'gzip');
  assert.equal(headers.authorization, 'Bearer secret-1');
  const [first, second] = body
    .trimEnd()
    .split('\n')
    .map((line): object => JSON.parse(line));
  const origin = { input: 'app', file: 'app.log', pod: 'p1' };
  const time = '2026-11-23T00:00:00.000Z';
  assert.deepEqual(first, { time, ...origin, ts: '2026-11-23T00:00:00Z', n: 1 });
  assert.deepEqual({ ...second, time }, { time, ...origin, message: 'plain' });
});

test('a wrong token costs no line: it is read again when it changes', async (t) => {
  const receiver = await createReceiver(t, () => ({ status: 200 }));
  const token = join(makeDirectory(t), 'token');
  writeFileSync(token, 'wrong');
  receiver.fail(({ headers }) => {
    if (headers.authorization === 'Bearer right') return undefined;
    writeFileSync(token, 'right');
    return { status: 401 };
  });
  const { give, untilAcknowledged, metric } = await deliver(t, {
    outputs: {
      http: {
        url: receiver.url,
        auth: { bearer: { file: token } },
        retry: { min: '1ms', max: '50ms' },
        batch,
      },
    },
  });
  give('line\n');
  await untilAcknowledged();
  assert.equal(receiver.requests[0]?.body, 'line\n');
  assert.equal(await metric('podmates_log_tail_output_rejected_records_total'), 0);
});

for (const [type, more] of [
  ['loki', {}],
  ['elasticsearch', { index: 'logs' }],
  ['otlp', {}],
] as const) {
  test(`${type} sends the headers of the config too`, async (t) => {
    const receiver = await createReceiver(t, () => ({ status: 200, body: '{"errors":false}' }));
    const { give, untilAcknowledged } = await deliver(t, {
      outputs: { [type]: { url: receiver.url, headers: { 'X-Scope-OrgID': 'a' }, batch, ...more } },
    });
    give('line\n');
    await untilAcknowledged();
    assert.equal(receiver.requests[0]?.headers['x-scope-orgid'], 'a');
  });
}
