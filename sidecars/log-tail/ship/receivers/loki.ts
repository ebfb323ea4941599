import { readField } from '../../condition/field-value.ts';
import type { LogRecord } from '../../record.ts';
import type { OutputOf } from '../config.ts';
import { type BodyBuffer, createBodyBuffer } from '../encode/body-buffer.ts';
import { type Labels, toNanoseconds } from '../encode/document.ts';
import {
  elementsOf,
  type Halves,
  halveArray,
  openBracketOf,
  type Place,
} from '../encode/halves.ts';
import { concatInto } from '../encode/slabs.ts';
import { accepted, type Batch, type Encoder, type Sink } from '../sink.ts';
import { createPoster } from './post.ts';

/** Grafana Loki's push API in JSON: POST /loki/api/v1/push. */
export function createLokiSink(config: OutputOf<'loki'>, labels: Labels): Sink {
  const { tenant } = config;
  const poster = createPoster({
    ...config,
    protocolHeaders: tenant === undefined ? {} : { 'x-scope-orgid': tenant },
    contentType: 'application/json',
  });
  return {
    encoder: createLokiEncoder(config, labels),
    async send({ body }, signal) {
      await poster.post(body, signal);
      return accepted;
    },
    halve,
    close: poster.close,
  };
}

/** Between two streams, or if there is only one, between two of its values. */
function halve(batch: Batch): Halves {
  const { body } = batch;
  const valuesFrom = (start: number) => openBracketOf(body, '"values":[', start);
  const recordsIn = ({ start }: Place) => elementsOf(body, valuesFrom(start)).length;
  return halveArray(batch, head.length - 1, recordsIn) ?? halveArray(batch, valuesFrom(0));
}

type LokiFields = Pick<OutputOf<'loki'>, 'labels' | 'metadata'>;

/** Groups records by their labels, as the API wants them. */
function createLokiEncoder(config: LokiFields, labels: Labels): Encoder {
  const streamOf = createStreamKey(config.labels, labels);
  const streams = new Map<string, BodyBuffer>();
  let size = 0;
  return {
    add(record) {
      const stream = streamOf(record);
      const value = renderValue(record, config.metadata, labels);
      let values = streams.get(stream);
      if (values === undefined) {
        values = createBodyBuffer();
        streams.set(stream, values);
      }
      values.putText(values.size() === 0 ? `,{"stream":${stream},"values":[${value}` : `,${value}`);
      size += value.length + 1;
    },
    size: () => size,
    finish(allocate) {
      const used = [...streams.values()].filter((values) => values.size() > 0);
      const parts = used.flatMap((values) => [values.view(), end]);
      const body = concatInto(allocate, [head, ...parts, tail]);
      body[head.length] = blank; // the first stream's comma
      for (const values of used) values.clear();
      if (streams.size > maxKept) streams.clear();
      size = 0;
      return body;
    },
  };
}

/** Of how many streams the memory is kept for the next batch. */
const maxKept = 32;
const blank = 0x20;
const head = Buffer.from('{"streams":[');
const end = Buffer.from(']}');
const tail = Buffer.from(']}');

/** Loki refuses a stream without labels: the input's name is always one. */
function createStreamKey(
  wanted: Readonly<Record<string, string>>,
  labels: Labels,
): (record: LogRecord) => string {
  const entries = Object.entries(wanted);
  const fixed = new Map<string, string>();
  return (record) => {
    const values = entries.map(([, field]) => labelValue(record, field, labels));
    const key = `${record.file.input}\n${values.join('\n')}`;
    const known = fixed.get(key);
    if (known !== undefined) return known;
    const stream: Record<string, string> = { input: record.file.input };
    entries.forEach(([label], at) => {
      const value = values[at];
      if (value !== undefined) stream[label] = value;
    });
    if (fixed.size >= 10_000) fixed.clear();
    const text = JSON.stringify(stream);
    fixed.set(key, text);
    return text;
  };
}

function renderValue(record: LogRecord, metadata: readonly string[], labels: Labels): string {
  const line = `["${toNanoseconds(record.time)}",${JSON.stringify(record.text)}`;
  if (metadata.length === 0) return `${line}]`;
  const pairs: Record<string, string> = {};
  for (const name of metadata) {
    const value = labelValue(record, name, labels);
    if (value !== undefined) pairs[name] = value;
  }
  return `${line},${JSON.stringify(pairs)}]`;
}

/** Labels and metadata are texts in Loki, whatever the field was. */
function labelValue({ fields }: LogRecord, name: string, labels: Labels): string | undefined {
  const value = readField(fields, name) ?? labels[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
