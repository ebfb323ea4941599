import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describeError } from '../../../core/errors.ts';
import type { TlsOptions } from '../../../core/http/target.ts';
import { readTls } from '../../../core/http/tls.ts';
import { SendError } from '../sink.ts';

export interface ConnectionOptions {
  /** HOST:PORT, an IPv6 address in brackets. */
  readonly address: string;
  /** undefined for plain TCP. */
  readonly tls: TlsOptions | undefined;
  /** Upper bound for connecting and for each exchange, in milliseconds. */
  readonly timeout: number;
}

/** One stream connection that is opened when needed, and again after a failure. */
export interface Connection {
  /**
   * Runs an exchange on the open socket; whatever fails in it closes the connection.
   * @throws SendError, always one to try again after
   */
  exchange<T>(run: (socket: Socket) => Promise<T>, signal: AbortSignal): Promise<T>;
  close(): void;
}

export function createConnection(options: ConnectionOptions): Connection {
  const { address, timeout } = options;
  let socket: Socket | undefined;
  const drop = () => {
    socket?.destroy();
    socket = undefined;
  };
  return {
    async exchange(run, signal) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
      try {
        if (socket === undefined || socket.destroyed) {
          drop();
          socket = await open(options, limit);
        }
        return await orAborted(run(socket), socket, limit);
      } catch (error) {
        drop();
        const timedOut = limit.aborted && !signal.aborted;
        const what = timedOut ? `did not answer in ${timeout} ms` : describeError(error);
        const reason = timedOut ? 'timeout' : 'connect';
        throw new SendError(`${address}: ${what}`, { reason, retryable: true, cause: error });
      }
    },
    close: drop,
  };
}

/** HOST:PORT. */
export function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(':');
  return {
    host: address.slice(0, at).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(at + 1)),
  };
}

function open({ address, tls }: ConnectionOptions, signal: AbortSignal): Promise<Socket> {
  const { host, port } = splitAddress(address);
  const socket =
    tls === undefined
      ? connectTcp({ host, port })
      : connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...readTls(tls) });
  const opened = new Promise<Socket>((resolve, reject) => {
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => resolve(socket));
    socket.once('error', reject);
  });
  socket.on('error', () => {}); // after it was opened, 'close' tells the exchange
  // A receiver that has closed its end is gone: what is written then is lost without an error.
  socket.on('end', () => socket.destroy());
  socket.resume();
  return orAborted(opened, socket, signal);
}

/** Waits for the work, but no longer than until the signal aborts or the connection is closed. */
function orAborted<T>(work: Promise<T>, socket: Socket, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => settle(() => reject(signal.reason));
    const onClose = () => settle(() => reject(new Error('the connection was closed')));
    const settle = (finish: () => void) => {
      signal.removeEventListener('abort', onAbort);
      socket.off('close', onClose);
      finish();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('close', onClose);
    if (signal.aborted) onAbort();
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}

/** Resolves when the kernel has all of it. */
export function writeAll(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
