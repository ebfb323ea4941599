import * as z from 'zod';
import type { LogRecord } from '../../record.ts';
import { rankOf, severityOf } from '../../severity.ts';
import type { OutputOf } from '../config.ts';
import { createBodyBuffer } from '../encode/body-buffer.ts';
import { type Labels, messageOf, recordId, toNanoseconds } from '../encode/document.ts';
import { halveArray, openBracketOf } from '../encode/halves.ts';
import { accepted, type Encoder, type Receipt, type Sink } from '../sink.ts';
import { createPoster } from './post.ts';

/** OpenTelemetry's logs over HTTP, in its JSON encoding: POST /v1/logs. */
export function createOtlpSink(config: OutputOf<'otlp'>, labels: Labels): Sink {
  const poster = createPoster({ ...config, contentType: 'application/json' });
  return {
    encoder: createOtlpEncoder({ ...labels, ...config.resource }),
    async send(batch, signal) {
      const { body } = await poster.post(batch.body, signal);
      return readPartialSuccess(body.toString('utf8'));
    },
    halve: (batch) => halveArray(batch, openBracketOf(batch.body, '"logRecords":[')),
    close: poster.close,
  };
}

const answer = z.object({
  partialSuccess: z
    .object({
      rejectedLogRecords: z.coerce.number().default(0),
      errorMessage: z.string().optional(),
    })
    .optional(),
});

/** The collector says how many it refused, never which; they must not be sent again. */
function readPartialSuccess(text: string): Receipt {
  try {
    const refused = answer.parse(JSON.parse(text)).partialSuccess?.rejectedLogRecords ?? 0;
    return refused > 0 ? { rejected: [], rejectedUnseen: refused } : accepted;
  } catch {
    return accepted; // an empty answer, or one in protobuf
  }
}

function createOtlpEncoder(resource: Labels): Encoder {
  const attributes = JSON.stringify(Object.entries(resource).map(toAttribute));
  const head = `{"resourceLogs":[{"resource":{"attributes":${attributes}},"scopeLogs":[{"scope":{"name":"podmates"},"logRecords":[`;
  const body = createBodyBuffer();
  return {
    add(record) {
      body.putText(`${body.size() === 0 ? head : ','}${JSON.stringify(toLogRecord(record))}`);
    },
    size: body.size,
    finish(allocate) {
      body.putText(']}]}]}');
      return body.take(allocate);
    },
  };
}

function toLogRecord(record: LogRecord): Record<string, unknown> {
  const { file, fields, time } = record;
  const severity = severityOf(fields);
  return {
    timeUnixNano: toNanoseconds(time),
    observedTimeUnixNano: toNanoseconds(Date.now()),
    // TRACE is 1, DEBUG 5, INFO 9 and so on to FATAL 21
    ...(severity === undefined
      ? {}
      : { severityNumber: rankOf(severity) * 4 - 3, severityText: severity.toUpperCase() }),
    body: { stringValue: messageOf(record) },
    // Keys are to be unique: a field of the same name is what counts.
    attributes: Object.entries({
      'log.file.path': file.path,
      'log.record.uid': recordId(record),
      ...fields,
    }).map(toAttribute),
  };
}

function toAttribute([key, value]: readonly [string, unknown]): Record<string, unknown> {
  return { key, value: toAnyValue(value) };
}

/** 64-bit integers are texts in the JSON encoding of protobuf. */
function toAnyValue(value: unknown): Record<string, unknown> {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toAnyValue) } };
  if (typeof value !== 'object' || value === null) return {};
  return { kvlistValue: { values: Object.entries(value).map(toAttribute) } };
}
