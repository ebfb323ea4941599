import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { describeError } from '../../../core/errors.ts';
import type { OutputOf } from '../config.ts';
import { createBodyBuffer } from '../encode/body-buffer.ts';
import { accepted, type Encoder, SendError, type Sink } from '../sink.ts';
import { createConnection, splitAddress, writeAll } from './connection.ts';
import { type SyslogHeader, toSyslogMessage } from './syslog-message.ts';

/**
 * Syslog of RFC 5424: over UDP (RFC 5426), over TCP with octet counting (RFC 6587 section 3.4.1), or
 * over TLS (RFC 5425). The protocol has no acknowledgement: sent is what the kernel has taken.
 */
export function createSyslogSink(config: OutputOf<'syslog'>): Sink {
  const header = { ...config, hostname: config.hostname ?? hostname() };
  const encoder = createFramedEncoder(header);
  return config.transport === 'udp' ? overUdp(config, encoder) : overStream(config, encoder);
}

/** Messages, each with its length in octets before it. */
function createFramedEncoder(header: SyslogHeader): Encoder {
  const body = createBodyBuffer();
  return {
    add(record) {
      const message = toSyslogMessage(record, header);
      body.putText(`${Buffer.byteLength(message, 'utf8')} ${message}`);
    },
    size: body.size,
    finish: body.take,
  };
}

function overStream(config: OutputOf<'syslog'>, encoder: Encoder): Sink {
  const tls = config.transport === 'tls' ? (config.tls ?? {}) : undefined;
  const connection = createConnection({ ...config, tls });
  return {
    encoder,
    async send({ body }, signal) {
      await connection.exchange((socket) => writeAll(socket, body), signal);
      return accepted;
    },
    close: async () => connection.close(),
  };
}

/** What fits into one datagram over IPv4, less a few. */
const maxDatagram = 65_000;

function overUdp({ address }: OutputOf<'syslog'>, encoder: Encoder): Sink {
  const { host, port } = splitAddress(address);
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  socket.on('error', () => {}); // an ICMP answer to an earlier datagram
  socket.unref();
  const sendOne = (message: Buffer) =>
    new Promise<void>((resolve, reject) => {
      const fits = message.subarray(0, maxDatagram);
      socket.send(fits, port, host, (error) => (error ? reject(error) : resolve()));
    });
  return {
    encoder,
    async send({ body }) {
      try {
        for (const message of readFrames(body)) await sendOne(message);
      } catch (error) {
        const options = { reason: 'connect', retryable: true, cause: error } as const;
        throw new SendError(`${address}: ${describeError(error)}`, options);
      }
      return accepted;
    },
    async close() {
      socket.close();
    },
  };
}

function* readFrames(body: Buffer): Generator<Buffer> {
  let at = 0;
  while (at < body.length) {
    const blank = body.indexOf(32, at);
    const length = Number(body.toString('latin1', at, blank));
    yield body.subarray(blank + 1, blank + 1 + length);
    at = blank + 1 + length;
  }
}
