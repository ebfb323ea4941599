import { type AddressInfo, createServer, type Socket } from 'node:net';
import { parseStrictly, type StrictRequest } from './strict-parser.ts';

/** An app that takes its input apart by the letter, and keeps what it could not. */
export interface ByteApp {
  readonly port: number;
  readonly requests: readonly StrictRequest[];
  /** Bytes that were no request; each of them is a gap in the ambassador. */
  readonly offences: readonly string[];
  close(): Promise<void>;
}

export async function startByteApp(): Promise<ByteApp> {
  const requests: StrictRequest[] = [];
  const offences: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (;;) {
        const result = parseStrictly(text, 0);
        if (result.kind === 'incomplete') return;
        if (result.kind === 'invalid') {
          offences.push(`${result.reason} in ${JSON.stringify(text)}`);
          return void socket.destroy();
        }
        text = text.slice(result.end);
        requests.push(result.request);
        // One connection carries one exchange at a time: nothing may stand behind a request.
        if (text !== '') offences.push(`bytes behind a request: ${JSON.stringify(text)}`);
        const body = result.request.method === 'HEAD' ? '' : result.request.target;
        const length = result.request.target.length;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${body}`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    offences,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
