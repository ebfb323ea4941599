import { connect } from 'node:net';

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
  readonly flags: number;
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
      flags: bytes[at + 4] ?? 0,
      stream: bytes.readUInt32BE(at + 5) & 0x7fffffff,
      payload: bytes.subarray(at + 9, end),
    });
    at = end;
  }
  return frames;
}

/** What came of the first stream. */
export interface Http2Heard {
  /** Of its answer, if there was one. */
  readonly status: number | undefined;
  /** It was reset, or the connection given up (GOAWAY with an error). */
  readonly refused: boolean;
  readonly closed: boolean;
  readonly frames: readonly Frame[];
}

/** Sends frames behind the opening, and hears what comes of stream 1; or of the connection. */
export function askHttp2(
  port: number,
  frames: readonly Buffer[],
  { untilClosed = false, timeoutMs = 5000 } = {},
): Promise<Http2Heard> {
  const socket = connect(port, '127.0.0.1');
  let bytes: Buffer = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const finish = (closed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      const heard = readFrames(bytes);
      const refused = heard.some(
        ({ type, stream, payload }) =>
          (type === 'reset' && stream === 1) || (type === 'goaway' && payload.readUInt32BE(4) > 0),
      );
      const head = heard.find(({ type, stream }) => type === 'headers' && stream === 1);
      resolve({ status: head && readStatus(head.payload), refused, closed, frames: heard });
    };
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`nothing came of it in ${timeoutMs} ms`));
    }, timeoutMs);
    socket.on('error', () => {});
    socket.on('close', () => finish(true));
    socket.on('data', (more: Buffer) => {
      bytes = Buffer.concat([bytes, more]);
      const over = readFrames(bytes).some(
        ({ type, stream, flags }) =>
          stream === 1 && (type === 'reset' || (isPart(type) && (flags & endStream) !== 0)),
      );
      if (over && !untilClosed) finish(false);
    });
    socket.write(Buffer.concat([opening, ...frames]));
  });
}

function isPart(type: FrameType | undefined): boolean {
  return type === 'headers' || type === 'data';
}

/** The entries 8 to 14 of the static table (RFC 7541 appendix A). */
const knownStatuses = [200, 204, 206, 304, 400, 404, 500];
/** Digits in the Huffman code (RFC 7541 appendix B). */
const digits = ['00000', '00001', '00010', ...[25, 26, 27, 28, 29, 30, 31].map(toSixBits)];

function toSixBits(code: number): string {
  return code.toString(2).padStart(6, '0');
}

/** `:status` stands first (RFC 9113 section 8.3). */
function readStatus(block: Buffer): number | undefined {
  const [first = 0, second = 0] = block;
  if (first >= 0x88 && first <= 0x8e) return knownStatuses[first - 0x88];
  const length = second & 0x7f;
  const value = block.subarray(2, 2 + length);
  if ((second & 0x80) === 0) return Number(value.toString('latin1'));
  let bits = [...value].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  let text = '';
  while (text.length < 3) {
    const digit = digits.findIndex((code) => bits.startsWith(code));
    if (digit < 0) return undefined;
    text += digit;
    bits = bits.slice(digits[digit]?.length);
  }
  return Number(text);
}
