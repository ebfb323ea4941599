/** HTTP/2 by the byte (RFC 9113 section 4), for what no client library would send. */

const types = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const;

export type FrameType = keyof typeof types;
export const endStream = 0x1;
export const endHeaders = 0x4;

export function frame(
  type: FrameType,
  flags: number,
  stream: number,
  payload: Buffer | string = '',
): Buffer {
  const content = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
  const head = Buffer.alloc(9);
  head.writeUIntBE(content.length, 0, 3);
  head[3] = types[type];
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, content]);
}

/** What a connection of HTTP/2 begins with: the preface and SETTINGS without any. */
export const opening = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
  frame('settings', 0, 0),
]);

export type Field = readonly [name: string, value: string];

/** Fields as they stand, without Huffman code and never indexed (RFC 7541 section 6.2.2). */
export function fieldBlock(fields: readonly Field[]): Buffer {
  const text = (value: string) => [encodeLength(value.length), Buffer.from(value, 'latin1')];
  return Buffer.concat(
    fields.flatMap(([name, value]) => [Buffer.from([0]), ...text(name), ...text(value)]),
  );
}

/** RFC 7541 section 5.1, with a prefix of 7 bits. */
function encodeLength(length: number): Buffer {
  if (length < 127) return Buffer.from([length]);
  const bytes = [127];
  let left = length - 127;
  for (; left >= 128; left >>= 7) bytes.push((left & 127) | 128);
  return Buffer.from([...bytes, left]);
}

export interface Frame {
  readonly type: FrameType | undefined;
  readonly stream: number;
  readonly payload: Buffer;
}

/** The whole frames at the beginning of the bytes. */
export function readFrames(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  const names = Object.entries(types) as [FrameType, number][];
  for (let at = 0; at + 9 <= bytes.length; ) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    frames.push({
      type: names.find(([, code]) => code === bytes[at + 3])?.[0],
      stream: bytes.readUInt32BE(at + 5) & 0x7fffffff,
      payload: bytes.subarray(at + 9, end),
    });
    at = end;
  }
  return frames;
}
