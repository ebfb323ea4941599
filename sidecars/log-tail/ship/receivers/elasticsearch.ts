import * as z from 'zod';
import type { OutputOf } from '../config.ts';
import { createBodyBuffer } from '../encode/body-buffer.ts';
import { type Labels, recordId, toDocument } from '../encode/document.ts';
import { halveLines } from '../encode/halves.ts';
import {
  type Batch,
  type Encoder,
  type Receipt,
  type Rejection,
  SendError,
  type Sink,
} from '../sink.ts';
import { createPoster, isRefusal } from './post.ts';

/** Elasticsearch and OpenSearch: POST /_bulk, with a result for each record. */
export function createElasticsearchSink(config: OutputOf<'elasticsearch'>, labels: Labels): Sink {
  const poster = createPoster({
    ...config,
    url: bulkUrl(config.url),
    contentType: 'application/x-ndjson',
  });
  return {
    encoder: createBulkEncoder(config.index, labels),
    async send(batch, signal) {
      const { body } = await poster.post(batch.body, signal);
      return readResults(batch, body.toString('utf8'));
    },
    halve: (batch) => halveLines(batch, 2), // an action and its document
    close: poster.close,
  };
}

/** Asks for no more of the answer than is read of it. */
function bulkUrl(text: string): string {
  const url = new URL(text);
  if (!url.pathname.endsWith('/_bulk')) url.pathname = `${url.pathname.replace(/\/$/, '')}/_bulk`;
  url.searchParams.set(
    'filter_path',
    'errors,items.*.status,items.*.error.type,items.*.error.reason',
  );
  return url.href;
}

/**
 * Two lines for each record. `create` with an own `_id` makes it safe to send a record again: the
 * second one is answered with 409, which is as good as 201; and data streams take nothing else.
 */
function createBulkEncoder(index: string, labels: Labels): Encoder {
  const body = createBodyBuffer();
  return {
    add(record) {
      const document = toDocument(record, labels, '@timestamp');
      const name = index.replaceAll('{date}', dateOf(record.time));
      const action = { create: { _index: name, _id: recordId(record) } };
      body.putText(`${JSON.stringify(action)}\n${JSON.stringify(document)}\n`);
    },
    size: body.size,
    finish: body.take,
  };
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10).replaceAll('-', '.');
}

const answer = z.object({
  errors: z.boolean(),
  items: z
    .array(
      z.object({
        create: z.object({
          status: z.int(),
          error: z
            .object({ type: z.string().optional(), reason: z.string().optional() })
            .optional(),
        }),
      }),
    )
    .default([]),
});

function readResults({ body, records }: Batch, text: string): Receipt {
  const { errors, items } = readAnswer(text);
  if (!errors) return { rejected: [] };
  if (items.length !== records) {
    throw badAnswer(`has ${items.length} results for ${records} records`);
  }
  const lines = body.toString('utf8').split('\n');
  const rejected: Rejection[] = [];
  const again: string[] = [];
  items.forEach(({ create: { status, error } }, at) => {
    if (status < 300 || status === 409) return;
    const action = lines[at * 2] ?? '';
    const record = lines[at * 2 + 1] ?? '';
    if (isRefusal(status)) {
      rejected.push({ record, reason: `${status} ${error?.type}: ${error?.reason}` });
    } else again.push(`${action}\n${record}\n`);
  });
  if (again.length === 0) return { rejected };
  return { rejected, again: { body: Buffer.from(again.join('')), records: again.length } };
}

function readAnswer(text: string): z.output<typeof answer> {
  try {
    return answer.parse(JSON.parse(text));
  } catch (cause) {
    throw badAnswer('is not that of _bulk', cause);
  }
}

function badAnswer(what: string, cause?: unknown): SendError {
  return new SendError(`the answer ${what}`, { reason: 'other', retryable: true, cause });
}
