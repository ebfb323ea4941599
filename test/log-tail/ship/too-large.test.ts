import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { elementsOf } from '../../../sidecars/log-tail/ship/encode/halves.ts';
import { deliver, makeDirectory } from '../delivery-harness.ts';
import { createElasticsearch } from './doubles/elasticsearch.ts';
import { createLoki } from './doubles/loki.ts';
import { createOtlp } from './doubles/otlp.ts';
import { createReceiver, type Receiver } from './doubles/receiver.ts';

/** As a proxy with a bound on bodies does, such as nginx with client_max_body_size. */
function boundBodies(receiver: Receiver, bytes: number): void {
  receiver.fail((request) =>
    Number(request.headers['content-length']) > bytes ? { status: 413 } : undefined,
  );
}

const all = Array.from({ length: 200 }, (_, n) => `{"n":${n},"level":"l${n % 3}","t":"],[\\"}{"}`);

async function send(t: TestContext, output: Record<string, unknown>): Promise<void> {
  const rejected = join(makeDirectory(t), 'dead.json');
  const { give, untilAcknowledged, metric } = await deliver(t, {
    outputs: { output: { batch: { wait: '20ms' }, rejected: { path: rejected }, ...output } },
  });
  give(all.map((line) => `${line}\n`).join(''));
  await untilAcknowledged();
  assert.equal(await metric('podmates_log_tail_output_rejected_records_total'), 0);
  assert.equal(await metric('podmates_log_tail_output_sent_records_total'), all.length);
  assert.ok((await metric('podmates_log_tail_output_failures_total', { reason: 'refused' })) > 1);
}

test('lines over HTTP come in halves when the whole is too large', async (t) => {
  const receiver = await createReceiver(t, () => ({ status: 200 }));
  boundBodies(receiver, 2000);
  await send(t, { type: 'http', url: receiver.url });
  const lines = all.map((line) => `${line}\n`).join('');
  assert.equal(receiver.requests.map(({ body }) => body).join(''), lines);
});

test('a JSON array over HTTP comes in halves that are arrays', async (t) => {
  const receiver = await createReceiver(t, () => ({ status: 200 }));
  boundBodies(receiver, 4000);
  await send(t, { type: 'http', url: receiver.url, as: 'json', body: 'array' });
  const sent = receiver.requests.flatMap(({ body }): { n: number }[] => JSON.parse(body));
  assert.deepEqual(
    sent.map(({ n }) => n),
    all.map((_, n) => n),
  );
});

for (const labels of [['level'], []]) {
  test(`Loki gets halves: labels ${labels.join() || 'none'}`, async (t) => {
    const loki = await createLoki(t);
    boundBodies(loki, 2000);
    await send(t, { type: 'loki', url: `${loki.url}/loki/api/v1/push`, labels });
    assert.deepEqual(loki.entries.map(({ line }) => line).sort(), all.toSorted());
    for (const level of ['l0', 'l1', 'l2']) {
      const ofLevel = loki.entries.map(({ line }) => line).filter((line) => line.includes(level));
      assert.deepEqual(
        ofLevel,
        all.filter((line) => line.includes(level)),
      );
    }
  });
}

test('Elasticsearch gets halves, each record with its action', async (t) => {
  const elasticsearch = await createElasticsearch(t);
  boundBodies(elasticsearch, 5000);
  await send(t, { type: 'elasticsearch', url: elasticsearch.url, index: 'logs' });
  assert.deepEqual(
    [...elasticsearch.documents.values()].map(({ n }) => n),
    all.map((_, n) => n),
  );
  assert.equal(elasticsearch.conflicts(), 0);
});

test('a collector gets halves, each with the resource', async (t) => {
  const otlp = await createOtlp(t);
  boundBodies(otlp, 5000);
  const resource = { note: '"logRecords":[' };
  await send(t, { type: 'otlp', url: `${otlp.url}/v1/logs`, resource });
  assert.deepEqual(
    otlp.records.map(({ attributes }) => attributes['n']),
    all.map((_, n) => n),
  );
  assert.ok(otlp.records.every((record) => record.resource['note'] === resource.note));
});

test('a single record that is too large becomes a dead letter, and others go on', async (t) => {
  const receiver = await createReceiver(t, () => ({ status: 200 }));
  boundBodies(receiver, 100);
  const path = join(makeDirectory(t), 'dead.json');
  const { give, untilAcknowledged, metric } = await deliver(t, {
    outputs: { http: { url: receiver.url, batch: { wait: '20ms' }, rejected: { path } } },
  });
  give(`before\n${'x'.repeat(200)}\nafter\n`);
  await untilAcknowledged();
  assert.equal(receiver.requests.map(({ body }) => body).join(''), 'before\nafter\n');
  assert.equal(await metric('podmates_log_tail_output_rejected_records_total'), 1);
  const letter: { record: string; reason: string } = JSON.parse(readFileSync(path, 'utf8'));
  assert.equal(letter.record, `${'x'.repeat(200)}\n`);
  assert.match(letter.reason, /answered 413/);
});

test('the elements of an array are found whatever is in them', () => {
  const elements = (json: string, open = 0) =>
    elementsOf(Buffer.from(json), open).map(({ start, end }) => json.slice(start, end));
  assert.deepEqual(elements('[]'), []);
  assert.deepEqual(elements('[1]'), ['1']);
  assert.deepEqual(elements('[1,"a,b",[2,3],{"x":[4,5]}]'), ['1', '"a,b"', '[2,3]', '{"x":[4,5]}']);
  assert.deepEqual(elements('["\\"]",{"k\\\\":"]"}]'), ['"\\"]"', '{"k\\\\":"]"}']);
  assert.deepEqual(elements('{"a":[[1],[2]]}', 5), ['[1]', '[2]']);
});
