import { crc32 } from 'node:zlib';
import * as z from 'zod';

const head = z.object({ length: z.number(), hash: z.string() });

const entry = z.object({
  id: z.string(),
  input: z.string(),
  log: z.string(),
  path: z.string(),
  key: z.string(),
  birth: z.string(),
  epoch: z.number(),
  gzip: z.boolean(),
  rotated: z.boolean(),
  /** Acknowledged up to here, and the bytes before it. */
  offset: z.number(),
  trace: z.string(),
  size: z.number(),
  mtimeMs: z.number(),
  head,
});

/** What was read to its end and is gone, to be known when it comes back compressed. */
const past = z.object({ log: z.string(), input: z.string(), head, offset: z.number() });

const document = z.object({
  sequence: z.number(),
  entries: z.array(entry),
  past: z.array(past),
});

/** Where each generation was delivered to, and by what it is known again. */
export type CheckpointEntry = z.output<typeof entry>;
export type Checkpoint = z.output<typeof document>;

const magic = 'podmates-log-tail-checkpoint-1';

/** A first line with the checksum of the second one, which is JSON. */
export function encodeCheckpoint(checkpoint: Checkpoint): string {
  const body = JSON.stringify(checkpoint);
  return `${magic} ${crc32(body).toString(16)}\n${body}\n`;
}

/** @returns undefined for a text that was cut off or garbled */
export function decodeCheckpoint(text: string): Checkpoint | undefined {
  const [first = '', body = ''] = text.split('\n', 2);
  const [name, checksum] = first.split(' ');
  if (name !== magic || checksum !== crc32(body).toString(16)) return undefined;
  const parsed = document.safeParse(JSON.parse(body));
  return parsed.success ? parsed.data : undefined;
}
