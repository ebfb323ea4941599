import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A request as the app understood it. */
export interface AppRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  /** Every value of a header, by its lower-case name. */
  values(name: string): readonly string[];
  body: string;
  /** Whether its connection was cut before it had been answered. */
  cut: boolean;
}

/** An app that keeps every byte it is sent. */
export interface RecordingApp {
  readonly port: number;
  /** What came over all connections, in latin1. */
  bytes(): string;
  readonly requests: readonly AppRequest[];
  /** Connections that anybody opened. */
  connections(): number;
  /** Forgets what came so far. */
  forget(): void;
  /** Answers in another way than with 200 and `ok`. */
  respond(handler: (request: IncomingMessage, response: ServerResponse) => void): void;
  /** Answers upgrades in another way than with 101 and an echo. */
  onUpgrade(handler: (socket: Duplex, request: IncomingMessage) => void): void;
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const ok: Handler = (request, response) => {
  request.on('end', () => {
    response.setHeader('content-length', '2');
    response.end('ok');
  });
};
const echo = (socket: Duplex) => {
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  socket.pipe(socket);
};

export async function startRecordingApp(): Promise<RecordingApp> {
  let received: Buffer[] = [];
  let connections = 0;
  const requests: AppRequest[] = [];
  let handler = ok;
  let upgrade: (socket: Duplex, request: IncomingMessage) => void = echo;
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    const seen = note(request);
    requests.push(seen);
    request.on('data', (bytes: Buffer) => {
      seen.body += bytes.toString('latin1');
    });
    response.on('close', () => {
      seen.cut = !response.writableFinished;
    });
    handler(request, response);
  });
  server.on('connection', (socket: Socket) => {
    connections++;
    socket.on('data', (bytes: Buffer) => received.push(Buffer.from(bytes)));
  });
  server.on('upgrade', (request, socket) => {
    requests.push(note(request));
    socket.on('error', () => socket.destroy());
    upgrade(socket, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => Buffer.concat(received).toString('latin1'),
    requests,
    connections: () => connections,
    forget() {
      received = [];
      requests.length = 0;
      connections = 0;
      handler = ok;
      upgrade = echo;
    },
    respond: (next) => {
      handler = next;
    },
    onUpgrade: (next) => {
      upgrade = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function note({ method = '', url = '', rawHeaders }: IncomingMessage): AppRequest {
  return {
    method,
    url,
    rawHeaders,
    values: (name) =>
      rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name),
    body: '',
    cut: false,
  };
}
