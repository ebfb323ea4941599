import { createHash } from 'node:crypto';
import { readField } from '../../condition/field-value.ts';
import type { LogRecord } from '../../record.ts';
import type { OutputOf } from '../config.ts';
import type { Labels } from '../encode/document.ts';
import { createLineEncoder, renderLine } from '../encode/line-encoder.ts';
import type { Encoder } from '../sink.ts';

/** A record on its way to Kafka, as it stands in a batch: one JSON line each. */
export interface KafkaMessage {
  readonly key?: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Before it is taken modulo the partitions; only without a key. */
  readonly partition?: number;
}

type KafkaShape = Pick<OutputOf<'kafka'>, 'as' | 'key'>;

/** The labels are headers, for a line as it was written has no other place for them. */
export function createKafkaEncoder({ as, key }: KafkaShape, labels: Labels): Encoder {
  const render = renderLine(as, labels);
  const { add, size, finish } = createLineEncoder((record) => {
    const { input, path, id } = record.file;
    const known = keyOf(record, key, labels);
    const message: KafkaMessage = {
      ...(known === undefined ? { partition: partitionOf(id) } : { key: known }),
      value: render(record),
      headers: { ...labels, input, file: path },
      time: Math.floor(record.time),
    };
    return JSON.stringify(message);
  });
  return { add, size, finish };
}

export function readMessages(body: Buffer): KafkaMessage[] {
  const lines = body.toString('utf8').trimEnd().split('\n');
  return lines.map((line): KafkaMessage => JSON.parse(line));
}

function keyOf({ fields }: LogRecord, name: string | undefined, labels: Labels) {
  if (name === undefined) return undefined;
  const value = readField(fields, name) ?? labels[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Kafka keeps order within a partition only, so that all of a file goes to one. */
function partitionOf(file: string): number {
  return createHash('sha1').update(file).digest().readUInt32BE() >>> 1;
}
