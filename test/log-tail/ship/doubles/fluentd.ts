import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { decode, decodeMulti, ExtensionCodec, encode } from '@msgpack/msgpack';
import { onlyKeys } from './loki.ts';

export interface FluentEvent {
  readonly tag: string;
  /** Milliseconds. */
  readonly time: number;
  readonly record: Record<string, unknown>;
}

export interface Fluentd {
  readonly address: string;
  readonly events: FluentEvent[];
  /** The ids of the chunks that were taken, each once. */
  readonly chunks: string[];
  readonly errors: unknown[];
  /** Says of each chunk whether it is taken; `silent` takes none and says nothing. */
  react(reaction: () => 'take' | 'silent' | 'reset' | 'wrong'): void;
}

/**
 * Fluentd's in_forward, by the Forward Protocol Specification v1.5: PackedForward messages
 * [tag, bin of [EventTime, record]..., {size, chunk}], each answered with {ack: chunk}.
 */
export async function createFluentd(t: TestContext): Promise<Fluentd> {
  const events: FluentEvent[] = [];
  const chunks: string[] = [];
  const errors: unknown[] = [];
  const sockets = new Set<Socket>();
  let react: () => 'take' | 'silent' | 'reset' | 'wrong' = () => 'take';
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let bytes = Buffer.alloc(0);
    socket.on('data', (more: Buffer) => {
      bytes = Buffer.concat([bytes, more]);
      const message = tryDecode(bytes);
      if (message === undefined) return;
      bytes = Buffer.alloc(0);
      try {
        const { chunk, taken } = readMessage(message);
        const reaction = react();
        if (reaction === 'reset') return void socket.destroy();
        if (reaction === 'silent') return;
        if (reaction === 'wrong') return void socket.write(encode({ ack: 'bm90IHlvdXJz' }));
        // The sender may have given up waiting just before: the same chunk comes again.
        if (!chunks.includes(chunk)) {
          events.push(...taken);
          chunks.push(chunk);
        }
        socket.write(encode({ ack: chunk }));
      } catch (error) {
        errors.push(error);
        socket.destroy();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    events,
    chunks,
    errors,
    react(reaction) {
      react = reaction;
    },
  };
}

const codec = new ExtensionCodec();
codec.register({
  type: 0,
  encode: () => null,
  decode(data) {
    assert.equal(data.length, 8, 'EventTime is 8 bytes');
    const view = new DataView(data.buffer, data.byteOffset, 8);
    const nanoseconds = view.getUint32(4);
    assert.ok(nanoseconds < 1e9);
    return { time: view.getUint32(0) * 1000 + nanoseconds / 1e6 };
  },
});

function tryDecode(bytes: Buffer): unknown {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}

function readMessage(message: unknown): { chunk: string; taken: FluentEvent[] } {
  assert.ok(Array.isArray(message) && message.length === 3);
  const [tag, entries, options]: unknown[] = message;
  assert.ok(typeof tag === 'string' && tag !== '');
  assert.ok(entries instanceof Uint8Array, 'entries are bin');
  const { size, chunk } = onlyKeys(options, ['size', 'chunk']);
  assert.ok(typeof chunk === 'string' && Buffer.from(chunk, 'base64').length === 16);
  const taken = [...decodeMulti(entries, { extensionCodec: codec })].map((entry): FluentEvent => {
    assert.ok(Array.isArray(entry) && entry.length === 2);
    const [time, record]: unknown[] = entry;
    assert.ok(typeof record === 'object' && record !== null);
    return {
      tag,
      time: Number(onlyKeys(time, ['time'])['time']),
      record: record as Record<string, unknown>,
    };
  });
  assert.equal(taken.length, size);
  return { chunk, taken };
}
