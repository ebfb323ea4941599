import type { Socket } from 'node:net';
import { decode } from '@msgpack/msgpack';
import type { OutputOf } from '../config.ts';
import type { Labels } from '../encode/document.ts';
import { accepted, type Sink } from '../sink.ts';
import { createConnection, writeAll } from './connection.ts';
import { type Chunk, createForwardEncoder, encodeChunk, readChunks } from './forward-message.ts';

/** A Fluentd or Fluent Bit with a forward input; a batch is sent when all of it is acknowledged. */
export function createForwardSink(config: OutputOf<'forward'>, labels: Labels): Sink {
  const connection = createConnection({ ...config, tls: config.tls });
  return {
    encoder: createForwardEncoder(({ file }) => config.tag.replace('{input}', file.input), labels),
    async send({ body }, signal) {
      for (const chunk of readChunks(body)) {
        await connection.exchange((socket) => sendChunk(socket, chunk), signal);
      }
      return accepted;
    },
    close: async () => connection.close(),
  };
}

async function sendChunk(socket: Socket, chunk: Chunk): Promise<void> {
  const [answer] = await Promise.all([readMessage(socket), writeAll(socket, encodeChunk(chunk))]);
  const ack =
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'ack') : undefined;
  if (ack !== chunk.id) throw new Error('it acknowledged another chunk');
}

/** The next message of the receiver, which sends nothing that was not asked for. */
function readMessage(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const settle = (message: unknown) => {
      socket.off('data', onData);
      socket.off('close', settle);
      resolve(message);
    };
    const onData = (more: Buffer) => {
      bytes = Buffer.concat([bytes, more]);
      const message = tryDecode(bytes);
      if (message !== undefined) settle(message);
    };
    socket.on('data', onData);
    socket.once('close', settle);
  });
}

function tryDecode(bytes: Buffer): unknown {
  try {
    return decode(bytes);
  } catch {
    return undefined; // not whole yet; a message that never is runs into the timeout
  }
}
