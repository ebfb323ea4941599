import type { Server } from 'node:http';
import { createServer as createHttp2Server, type ServerOptions } from 'node:http2';
import type { Socket } from 'node:net';

/** What a connection of HTTP/2 begins with (RFC 9113 section 3.4). */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/**
 * Lets a server without TLS speak HTTP/2 too, with callers who know that before (RFC 9113 section
 * 3.3): the first bytes of a connection say which it is. What it hears over HTTP/2 the server tells
 * as its own. The upgrade from HTTP/1.1 is gone from the RFC, and was a way past proxies: passed over.
 *
 * @returns the connections that have not said yet what they speak
 */
export function speakHttp2(server: Server, options: ServerOptions): ReadonlySet<Socket> {
  const http2 = createHttp2Server(options);
  for (const event of ['request', 'checkContinue', 'checkExpectation', 'connect', 'session']) {
    http2.on(event, (...what: readonly unknown[]) => server.emit(event, ...what));
  }
  const http1 = server.listeners('connection');
  server.removeAllListeners('connection');
  const undecided = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    undecided.add(socket);
    const slow = setTimeout(() => socket.destroy(), server.headersTimeout);
    listenForPreface(socket, (speaksHttp2) => {
      clearTimeout(slow);
      undecided.delete(socket);
      if (socket.destroyed) return;
      if (speaksHttp2) {
        socket.allowHalfOpen = false; // as an HTTP/2 server has it; else who hangs up is never let go
        http2.emit('connection', socket);
      } else for (const begin of http1) begin.call(server, socket);
    });
  });
  return undecided;
}

/** Reads as little as tells the two apart, and puts it back; says so once, also when it closes. */
function listenForPreface(socket: Socket, onSaid: (speaksHttp2: boolean) => void): void {
  let heard: Buffer = Buffer.alloc(0);
  const ignore = () => {};
  const say = (speaksHttp2: boolean) => {
    socket.off('readable', read).off('end', end).off('close', end).off('error', ignore);
    if (heard.length > 0 && !socket.destroyed) socket.unshift(heard);
    onSaid(speaksHttp2);
  };
  const read = () => {
    const bytes: Buffer | null = socket.read();
    if (bytes === null) return;
    heard = Buffer.concat([heard, bytes]);
    const length = Math.min(heard.length, preface.length);
    if (heard.compare(preface, 0, length, 0, length) !== 0) say(false);
    else if (length === preface.length) say(true);
  };
  const end = () => {
    socket.destroy(); // no request came
    say(false);
  };
  socket.on('readable', read).on('end', end).on('close', end).on('error', ignore);
}
