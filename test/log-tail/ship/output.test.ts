import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { awaitUntil } from '../../await-until.ts';
import { deliver, makeDirectory } from '../delivery-harness.ts';
import { createReceiver, type Receiver } from './doubles/receiver.ts';

/** What buffers hold when nothing is left that nobody needs. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().arrayBuffers;
}

const ok = () => ({ status: 200 });
const textOf = ({ requests }: Receiver) => requests.map(({ body }) => body).join('');
const quick = { batch: { bytes: '100B', wait: '5ms' }, retry: { min: '1ms', max: '10ms' } };

test('a required output that is down holds reading at the bound of its queue (15)', async (t) => {
  const receiver = await createReceiver(t, ok);
  receiver.fail(() => ({ status: 503 }));
  const { give, given, acknowledged, resumed, untilAcknowledged, metric } = await deliver(t, {
    outputs: { http: { url: receiver.url, ...quick, queue: { bytes: '10KiB' } } },
  });
  let lines = 0;
  const line = () => {
    lines += 1;
    return `line ${String(lines).padStart(6, '0')}\n`;
  };
  const giveUntilFull = () => {
    while (give(line())) assert.ok(given() < 20_000, 'it never says that it is full');
  };
  giveUntilFull();
  assert.ok(given() >= 10_000);
  assert.equal(acknowledged(), 0);
  assert.equal(resumed(), 0);
  assert.ok((await metric('podmates_log_tail_output_queue_bytes')) >= 10_240);
  receiver.fail(() => undefined);
  await awaitUntil(() => resumed() > 0, { what: 'room again' });
  await untilAcknowledged();
  const all = Array.from({ length: lines }, (_, n) => `line ${String(n + 1).padStart(6, '0')}\n`);
  assert.equal(textOf(receiver), all.join(''));
});

test('an output that hangs (16) times out, holds up no other, and ends with the deadline', async (t) => {
  const hanging = await createReceiver(t, ok);
  hanging.fail(() => 'hang');
  const well = await createReceiver(t, ok);
  const { give, delivery, acknowledged, metric } = await deliver(t, {
    outputs: {
      hanging: { type: 'http', url: hanging.url, ...quick, timeout: '50ms' },
      well: { type: 'http', url: well.url, ...quick },
    },
  });
  give('one\n');
  give('two\n');
  await awaitUntil(() => textOf(well) === 'one\ntwo\n', { what: 'the other output' });
  await awaitUntil(
    async () =>
      (await metric('podmates_log_tail_output_failures_total', { reason: 'timeout' })) > 1,
    { what: 'timeouts' },
  );
  const left = await delivery.drain(AbortSignal.timeout(100));
  assert.equal(left.length, 1);
  assert.match(left[0] ?? '', /^2 records that the output hanging has not taken: .*did not answer/);
  assert.equal(acknowledged(), 0);
});

test('an optional output that is down neither holds acknowledgements nor reading', async (t) => {
  const down = await createReceiver(t, ok);
  down.fail(() => ({ status: 500 }));
  const well = await createReceiver(t, ok);
  const { give, untilAcknowledged, metric } = await deliver(t, {
    outputs: {
      down: { type: 'http', url: down.url, required: false, ...quick, queue: { bytes: '1KiB' } },
      well: { type: 'http', url: well.url, ...quick },
    },
  });
  for (let n = 0; n < 300; n += 1) give(`line ${n}\n`);
  await untilAcknowledged();
  const dropped = await metric('podmates_log_tail_output_dropped_records_total', {
    output: 'down',
    reason: 'queue_full',
  });
  assert.ok(dropped > 100 && dropped < 300, `${dropped} dropped`);
  down.fail(() => undefined);
  await awaitUntil(() => textOf(down).endsWith('line 299\n'), { what: 'the newest lines' });
  assert.equal(textOf(down).trimEnd().split('\n').length, 300 - dropped);
});

test('a spool takes what memory cannot, in order, also over a restart', async (t) => {
  const directory = makeDirectory(t);
  const receiver = await createReceiver(t, ok);
  receiver.fail(() => ({ status: 500 }));
  const section = {
    outputs: {
      http: {
        url: receiver.url,
        required: false,
        ...quick,
        queue: { bytes: '200B' },
        spool: { path: directory, bytes: '1MiB' },
      },
    },
  };
  const all = Array.from({ length: 200 }, (_, n) => `line ${n}\n`);
  const before = await deliver(t, section);
  for (const line of all.slice(0, 150)) before.give(line);
  await before.untilAcknowledged();
  assert.deepEqual(await before.delivery.drain(AbortSignal.timeout(50)), []);
  await before.delivery.close();
  assert.ok(readdirSync(directory).length > 10);
  receiver.fail(() => undefined);
  const after = await deliver(t, section);
  for (const line of all.slice(150)) after.give(line);
  await awaitUntil(() => textOf(receiver).endsWith('line 199\n'), { what: 'the last line' });
  assert.equal(textOf(receiver), all.join(''));
  await awaitUntil(() => readdirSync(directory).length === 0, { what: 'an empty spool' });
});

test('a full spool drops the oldest, or the newest, and counts them', async (t) => {
  for (const whenFull of ['dropOldest', 'dropNewest']) {
    const receiver = await createReceiver(t, ok);
    receiver.fail(() => ({ status: 500 }));
    const { give, metric } = await deliver(t, {
      outputs: {
        http: {
          url: receiver.url,
          required: false,
          whenFull,
          ...quick,
          queue: { bytes: '200B' },
          spool: { path: makeDirectory(t), bytes: '1KiB' },
        },
      },
    });
    for (let n = 0; n < 400; n += 1) give(`line ${n}\n`);
    await awaitUntil(
      async () =>
        (await metric('podmates_log_tail_output_dropped_records_total', {
          reason: 'spool_full',
        })) > 100,
      { what: 'drops' },
    );
    assert.ok((await metric('podmates_log_tail_output_spool_bytes')) <= 1024);
    receiver.fail(() => undefined);
    await awaitUntil(async () => (await metric('podmates_log_tail_output_spool_bytes')) === 0, {
      what: 'an empty spool',
    });
    // What was in memory goes first; then what the disk has kept.
    assert.ok(textOf(receiver).startsWith('line 0\n'));
    assert.equal(textOf(receiver).includes('line 350\n'), whenFull === 'dropOldest');
    assert.equal(textOf(receiver).includes('line 60\n'), whenFull === 'dropNewest');
  }
});

test('after a restart with a full spool too, it is the oldest that goes', async (t) => {
  const receiver = await createReceiver(t, ok);
  receiver.fail(() => ({ status: 500 }));
  const spool = { path: makeDirectory(t), bytes: '1KiB' };
  const section = {
    outputs: {
      http: { url: receiver.url, required: false, ...quick, queue: { bytes: '200B' }, spool },
    },
  };
  const before = await deliver(t, section);
  for (let n = 0; n < 200; n += 1) before.give(`line ${n}\n`);
  await before.delivery.drain(AbortSignal.timeout(50));
  await before.delivery.close();
  const after = await deliver(t, section);
  for (let n = 200; n < 400; n += 1) after.give(`line ${n}\n`);
  await after.delivery.drain(AbortSignal.timeout(50));
  receiver.fail(() => undefined);
  await awaitUntil(() => readdirSync(spool.path).length === 0, { what: 'an empty spool' });
  assert.ok(textOf(receiver).endsWith('line 399\n'), textOf(receiver).slice(-100));
});

test('Retry-After is kept, and attempts are counted out where the config says so', async (t) => {
  const receiver = await createReceiver(t, ok);
  const path = join(makeDirectory(t), 'dead.json');
  const times: number[] = [];
  receiver.fail(() => {
    times.push(performance.now());
    return times.length === 1
      ? { status: 429, headers: { 'retry-after': '1' } }
      : { status: 500, body: 'still broken' };
  });
  const { give, untilAcknowledged, metric } = await deliver(t, {
    outputs: {
      http: {
        url: receiver.url,
        batch: { wait: '1ms' },
        retry: { min: '1ms', max: '10ms', attempts: 3 },
        rejected: { path },
      },
    },
  });
  give('line\n');
  await untilAcknowledged();
  assert.equal(times.length, 3);
  assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 990);
  const dropped = { reason: 'attempts' };
  assert.equal(await metric('podmates_log_tail_output_dropped_records_total', dropped), 1);
  const letter: { record: string; reason: string } = JSON.parse(readFileSync(path, 'utf8'));
  assert.equal(letter.record, 'line\n');
  assert.match(letter.reason, /given up: .* answered 500: still broken/);
});

test('a reload that adds an output (32) leaves what the old one has and gets exact', async (t) => {
  const old = await createReceiver(t, ok);
  const added = await createReceiver(t, ok);
  const first = { old: { type: 'http', url: old.url, ...quick } };
  const { give, reload, untilAcknowledged, metric } = await deliver(t, { outputs: first });
  old.fail(() => ({ status: 503 }));
  for (let n = 0; n < 100; n += 1) give(`line ${n}\n`);
  await reload({ outputs: { ...first, added: { type: 'http', url: added.url, ...quick } } });
  for (let n = 100; n < 200; n += 1) give(`line ${n}\n`);
  old.fail(() => undefined);
  await untilAcknowledged();
  const all = Array.from({ length: 200 }, (_, n) => `line ${n}\n`);
  assert.equal(textOf(old), all.join(''));
  assert.equal(textOf(added), all.slice(100).join(''));
  assert.equal(await metric('podmates_log_tail_output_sent_records_total', { output: 'old' }), 200);
});

test('an output that a reload takes away sends what it holds, and holds nothing up', async (t) => {
  const gone = await createReceiver(t, ok);
  const stays = await createReceiver(t, ok);
  gone.fail(() => ({ status: 503 }));
  const kept = { stays: { type: 'http', url: stays.url, ...quick } };
  const { give, reload, untilAcknowledged, acknowledged } = await deliver(t, {
    outputs: { ...kept, gone: { type: 'http', url: gone.url, ...quick } },
  });
  give('before\n');
  await awaitUntil(() => textOf(stays) === 'before\n', { what: 'the other output' });
  assert.equal(acknowledged(), 0);
  await reload({ outputs: kept });
  give('after\n');
  gone.fail(() => undefined);
  await untilAcknowledged();
  assert.equal(textOf(gone), 'before\n');
  assert.equal(textOf(stays), 'before\nafter\n');
});

test('a reload whose module cannot be loaded leaves everything as it is', async (t) => {
  const receiver = await createReceiver(t, ok);
  const outputs = { http: { url: receiver.url, ...quick } };
  const { give, reload, untilAcknowledged } = await deliver(t, { outputs });
  const steps = [{ module: join(makeDirectory(t), 'missing.ts') }];
  await assert.rejects(reload({ steps, outputs }), { code: 'ERR_MODULE' });
  give('line\n');
  await untilAcknowledged();
  assert.equal(textOf(receiver), 'line\n');
});

test('a file output is appended to, moved at its bound, and keeps so many', async (t) => {
  const path = join(makeDirectory(t), 'copy.log');
  writeFileSync(path, 'was there\n');
  const { give, untilAcknowledged } = await deliver(t, {
    outputs: { file: { path, rotate: { bytes: '20B', keep: 2 } } },
  });
  for (const line of ['one\n', 'two 890123456789\n', 'three\n', 'four 9012345678\n']) give(line);
  await untilAcknowledged();
  assert.equal(readFileSync(path, 'utf8'), 'four 9012345678\n');
  assert.equal(readFileSync(`${path}.1`, 'utf8'), 'three\n');
  assert.equal(readFileSync(`${path}.2`, 'utf8'), 'two 890123456789\n');
  assert.deepEqual(readdirSync(join(path, '..')).length, 3);
});

test('a file on a full disk holds reading, and says why', async (t) => {
  const { give, delivery, acknowledged, metric } = await deliver(t, {
    outputs: { file: { path: '/dev/full' } },
  });
  assert.equal(give('line\n'), false);
  assert.equal(acknowledged(), 0);
  assert.equal(await metric('podmates_log_tail_output_failures_total', { reason: 'other' }), 1);
  const [row] = delivery.status().rows;
  assert.deepEqual(row?.slice(0, 3), ['file', 'yes', 'retrying']);
  assert.match(String(row?.at(-1)), /ENOSPC/);
  const [left] = await delivery.drain(AbortSignal.timeout(10));
  assert.match(left ?? '', /^5 bytes that the output file has not taken: ENOSPC/);
});

test('conditions send records where they belong', async (t) => {
  const errors = await createReceiver(t, ok);
  const all = await createReceiver(t, ok);
  const { give, untilAcknowledged } = await deliver(t, {
    labels: { pod: 'p1' },
    outputs: {
      errors: {
        type: 'http',
        url: errors.url,
        as: 'json',
        body: 'array',
        when: '$severity >= "error"',
        batch: { wait: '5ms' },
      },
      all: { type: 'http', url: all.url, ...quick },
    },
  });
  give('{"level":"error","n":1}\n{"level":"info","n":2}\n{"level":"fatal","n":3}\r\n');
  await untilAcknowledged();
  assert.equal(
    textOf(all),
    '{"level":"error","n":1}\n{"level":"info","n":2}\n{"level":"fatal","n":3}\r\n',
  );
  const sent: { n: number; pod: string; file: string }[] = JSON.parse(
    errors.requests[0]?.body ?? '',
  );
  assert.deepEqual(
    sent.map(({ n, pod, file }) => ({ n, pod, file })),
    [
      { n: 1, pod: 'p1', file: 'app.log' },
      { n: 3, pod: 'p1', file: 'app.log' },
    ],
  );
  assert.equal(errors.requests[0]?.headers['content-type'], 'application/json');
});

test('memory stays bounded while an output is down', async (t) => {
  const receiver = await createReceiver(t, ok);
  receiver.fail(() => ({ status: 503 }));
  const { give } = await deliver(t, {
    outputs: {
      http: {
        url: receiver.url,
        required: false,
        queue: { bytes: '2MiB' },
        batch: { bytes: '64KiB' },
      },
    },
  });
  const block = 'x'.repeat(99).concat('\n').repeat(1000);
  for (let round = 0; round < 50; round += 1) give(block);
  await pause(50);
  const before = heldBytes();
  for (let round = 0; round < 1000; round += 1) {
    give(block);
    if (round % 100 === 0) await pause(5);
  }
  // The engine frees buffers on a thread of its own, which a busy machine may keep waiting.
  await awaitUntil(() => heldBytes() - before < 8 * 1024 * 1024, {
    what: 'no more than 8 MiB of the 100 MB given to be held',
  });
});

test('an output that cannot be opened is named, and a reload to it changes nothing', async (t) => {
  const receiver = await createReceiver(t, ok);
  const well = { http: { url: receiver.url, ...quick } };
  const { give, reload, untilAcknowledged } = await deliver(t, { outputs: well });
  const outputs = { ...well, copy: { type: 'file', path: '/proc/no/such/file' } };
  await assert.rejects(reload({ outputs }), {
    code: 'ERR_IO',
    message: /^cannot open the output copy: ENOENT/,
  });
  give('line\n');
  await untilAcknowledged();
  assert.equal(textOf(receiver), 'line\n');
});

test('the end waits for a required output as long as it may, for another only a moment', async (t) => {
  const down = await createReceiver(t, ok);
  down.fail(() => ({ status: 500 }));
  const { give, delivery, metric } = await deliver(t, {
    outputs: { http: { url: down.url, required: false, ...quick } },
  });
  give('a\nb\n');
  assert.deepEqual(await delivery.drain(AbortSignal.timeout(60_000)), []);
  const dropped = { reason: 'shutdown' };
  assert.equal(await metric('podmates_log_tail_output_dropped_records_total', dropped), 2);
});
