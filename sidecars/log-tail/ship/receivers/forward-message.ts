import { randomBytes } from 'node:crypto';
import { ExtData, ExtensionCodec, encode } from '@msgpack/msgpack';
import type { LogRecord } from '../../record.ts';
import { type Labels, toDocument } from '../encode/document.ts';
import { concatInto } from '../encode/slabs.ts';
import type { Encoder } from '../sink.ts';

/**
 * Fluentd's forward protocol, version 1.5, in PackedForward mode: [tag, bin of entries, options].
 * An entry is [EventTime, record].
 */
function encodeEntry(record: LogRecord, labels: Labels): Uint8Array {
  const { time, ...document } = toDocument(record, labels);
  // The time of the event is in the entry; a field of that name is another matter, such as a span.
  const own = record.fields?.['time'] === undefined ? {} : { time };
  return encode([eventTime(record.time), { ...document, ...own }], { extensionCodec: codec });
}

const codec = new ExtensionCodec();

/** Extension type 0: seconds and nanoseconds, each as 32 bits, big-endian. */
function eventTime(time: number): ExtData {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  const seconds = Math.floor(time / 1000);
  view.setUint32(0, seconds);
  view.setUint32(4, Math.round((time - seconds * 1000) * 1e6) % 1e9);
  return new ExtData(0, bytes);
}

/** Entries of one tag, with the id that the receiver is to acknowledge. */
export interface Chunk {
  readonly tag: string;
  readonly records: number;
  readonly bytes: Buffer;
  /** The same whenever the batch is sent again, so that the receiver may notice. */
  readonly id: string;
}

/** The message that carries a chunk and asks for an acknowledgement. */
export function encodeChunk({ tag, bytes, records, id }: Chunk): Uint8Array {
  return encode([tag, bytes, { size: records, chunk: id }]);
}

/**
 * Groups entries by their tag. The body of a batch is a JSON line that says what is in it, and behind
 * that the entries.
 */
export function createForwardEncoder(
  tagOf: (record: LogRecord) => string,
  labels: Labels,
): Encoder {
  const tags = new Map<string, Uint8Array[]>();
  let size = 0;
  return {
    add(record) {
      const tag = tagOf(record);
      const entry = encodeEntry(record, labels);
      const entries = tags.get(tag);
      if (entries === undefined) tags.set(tag, [entry]);
      else entries.push(entry);
      size += entry.length;
    },
    size: () => size,
    finish(allocate) {
      const all = [...tags.values()].flat();
      const head = [...tags].map(([tag, entries]) => ({
        tag,
        records: entries.length,
        bytes: entries.reduce((sum, { length }) => sum + length, 0),
        id: randomBytes(16).toString('base64'),
      }));
      tags.clear();
      size = 0;
      return concatInto(allocate, [Buffer.from(`${JSON.stringify(head)}\n`), ...all]);
    },
  };
}

interface ChunkHead {
  readonly tag: string;
  readonly records: number;
  readonly bytes: number;
  readonly id: string;
}

export function readChunks(body: Buffer): Chunk[] {
  const end = body.indexOf(10);
  const heads = JSON.parse(body.toString('utf8', 0, end)) as ChunkHead[];
  let at = end + 1;
  return heads.map(({ bytes: length, ...head }) => {
    const bytes = body.subarray(at, at + length);
    at += length;
    return { ...head, bytes };
  });
}
