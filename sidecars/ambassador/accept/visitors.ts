import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Duplex } from 'node:stream';
import { adaptRequest, adaptResponse } from './http2.ts';
import { answerRaw, responseUnderWay, statusOfParseError } from './raw-answer.ts';

/** What comes in. */
export interface Visitors {
  request(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void;
  /** A request to go on in another protocol, with what was sent behind its head. */
  upgrade(request: IncomingMessage, socket: Duplex, rest: Buffer): void;
  /** Bytes that are no request; answered and closed already. */
  malformed(status: number): void;
  /** A connection above `limits.connections`; closed already. */
  dropped(): void;
}

/** Brings everything that a server hears to its visitors, HTTP/2 in the shape of HTTP/1.1. */
export function listenForVisitors(
  server: Server,
  visitors: Visitors,
  draining: () => boolean,
): void {
  const receive = (request: IncomingMessage, response: ServerResponse, waits: boolean) => {
    const own = request instanceof Http2ServerRequest ? adaptRequest(request) : request;
    const answer = response instanceof Http2ServerResponse ? adaptResponse(response) : response;
    if (draining()) answer.shouldKeepAlive = false;
    visitors.request(own, answer, waits);
  };
  server.on('request', (request, response) => receive(request, response, false));
  server.on('checkContinue', (request, response) => receive(request, response, true));
  server.on('checkExpectation', (_request, response) => {
    response.writeHead(417, ['Content-Length', '0']);
    response.end();
    visitors.malformed(417);
  });
  server.on('upgrade', (request, socket, rest) => {
    if (responseUnderWay(socket) === undefined) return visitors.upgrade(request, socket, rest);
    socket.destroy(); // sent without waiting for the answer before it: nobody could tell them apart
    visitors.malformed(400);
  });
  server.on('connect', (_request, socket: Duplex | Http2ServerResponse) => {
    visitors.malformed(405);
    if (socket instanceof Http2ServerResponse) socket.writeHead(405).end();
    else answerRaw(socket, 405);
  });
  server.on('drop', () => visitors.dropped());
  server.on('clientError', (error, socket) => {
    const status = statusOfParseError(error);
    answerRaw(socket, status);
    if (status !== undefined) visitors.malformed(status);
  });
}
