import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deliver, makeDirectory } from '../delivery-harness.ts';
import { createElasticsearch } from './doubles/elasticsearch.ts';
import { failAtRandom } from './doubles/receiver.ts';

const record = (n: number) => `{"n":${n},"time":"2026-11-23T00:00:00.000Z"}\n`;
const records = (count: number) => Array.from({ length: count }, (_, n) => record(n)).join('');

test('documents carry time, origin, labels and fields, under an id of their own', async (t) => {
  const elasticsearch = await createElasticsearch(t);
  const { give, untilAcknowledged } = await deliver(t, {
    labels: { pod: 'p1' },
    outputs: {
      elasticsearch: { url: elasticsearch.url, index: 'logs-{date}', batch: { wait: '5ms' } },
    },
  });
  give(`${record(1)}plain text\n`);
  await untilAcknowledged();
  const [[key, first] = [], [, second] = []] = [...elasticsearch.documents];
  assert.equal(key, 'logs-2026.11.23/app.log-0');
  assert.deepEqual(first, {
    '@timestamp': '2026-11-23T00:00:00.000Z',
    input: 'app',
    file: 'app.log',
    pod: 'p1',
    n: 1,
    time: '2026-11-23T00:00:00.000Z',
  });
  assert.equal(second?.['message'], 'plain text');
});

test('3 of 100 records are refused (17): 97 are kept, 3 become dead letters, all is done', async (t) => {
  const elasticsearch = await createElasticsearch(t);
  elasticsearch.judge(({ n }) => (Number(n) % 40 === 3 ? 400 : 201));
  const path = join(makeDirectory(t), 'dead.json');
  const { give, untilAcknowledged, metric } = await deliver(t, {
    outputs: {
      elasticsearch: {
        url: elasticsearch.url,
        index: 'logs',
        batch: { wait: '5ms' },
        rejected: { path },
      },
    },
  });
  give(records(100));
  await untilAcknowledged();
  assert.equal(elasticsearch.documents.size, 97);
  const letters = readFileSync(path, 'utf8').trimEnd().split('\n');
  const dead = letters.map((line): { output: string; reason: string; record: string } =>
    JSON.parse(line),
  );
  assert.deepEqual(
    dead.map(({ record }) => JSON.parse(record).n),
    [3, 43, 83],
  );
  assert.match(dead[0]?.reason ?? '', /^400 document_parsing_exception/);
  assert.equal(await metric('podmates_log_tail_output_rejected_records_total'), 3);
  assert.equal(await metric('podmates_log_tail_output_sent_records_total'), 97);
});

test('records that are busy are sent again alone; those sent twice are not there twice', async (t) => {
  const elasticsearch = await createElasticsearch(t);
  const asked = new Map<unknown, number>();
  elasticsearch.judge(({ n }) => {
    const times = (asked.get(n) ?? 0) + 1;
    asked.set(n, times);
    return Number(n) % 10 === 0 && times < 3 ? 429 : 201;
  });
  elasticsearch.fail(failAtRandom(3, 0.3));
  const { give, untilAcknowledged } = await deliver(t, {
    outputs: {
      elasticsearch: {
        url: elasticsearch.url,
        index: 'logs',
        batch: { bytes: '1KiB', wait: '5ms' },
        retry: { min: '1ms', max: '5ms' },
      },
    },
  });
  give(records(200));
  await untilAcknowledged();
  assert.equal(elasticsearch.documents.size, 200);
  assert.equal(elasticsearch.conflicts(), 0);
  assert.equal(asked.get(1), 1);
  assert.equal(asked.get(10), 3);
});

test('a record that came through before an answer was lost is taken for delivered', async (t) => {
  const elasticsearch = await createElasticsearch(t);
  const section = {
    outputs: {
      elasticsearch: { url: elasticsearch.url, index: 'logs', batch: { wait: '5ms' } },
    },
  };
  const before = await deliver(t, section);
  before.give(records(5));
  await before.untilAcknowledged();
  const restarted = await deliver(t, section);
  restarted.give(records(6)); // the checkpoint was not written
  await restarted.untilAcknowledged();
  assert.equal(elasticsearch.documents.size, 6);
  assert.equal(elasticsearch.conflicts(), 5);
});

test('what an administrator can mend is sent again, for single records too', async (t) => {
  const elasticsearch = await createElasticsearch(t);
  let asked = 0;
  // No such index (404), or one that may not be written for now (403).
  elasticsearch.judge(() => ([404, 403][asked++] ?? 201) as number);
  const { give, untilAcknowledged, metric } = await deliver(t, {
    outputs: {
      elasticsearch: {
        url: elasticsearch.url,
        index: 'logs',
        batch: { wait: '5ms' },
        retry: { min: '1ms', max: '5ms' },
      },
    },
  });
  give(records(2));
  await untilAcknowledged();
  assert.equal(elasticsearch.documents.size, 2);
  assert.equal(await metric('podmates_log_tail_output_rejected_records_total'), 0);
});
