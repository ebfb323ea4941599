import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from './random.ts';

/** A line that was taken, and when its sender was told so; never, if the answer was lost. */
interface Taken {
  readonly line: string;
  acknowledgedAt: number | undefined;
}

/** A server that takes lines as NDJSON and fails in every way that a server can. */
export interface UnreliableReceiver {
  readonly url: string;
  readonly taken: readonly Taken[];
  /** How often it did what. */
  readonly did: ReadonlyMap<string, number>;
  /** Whether it can be reached. */
  isUp(): boolean;
  /** From now on connections are refused. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly random: Random;
  /** Takes so many lines of the body; all of them without a number. */
  take(limit?: number): Taken[];
}

function answer(response: ServerResponse, status: number, taken: readonly Taken[] = []): void {
  response.once('finish', () => {
    for (const each of taken) each.acknowledgedAt = Date.now();
  });
  response.writeHead(status, { 'retry-after': '0' }).end();
}

const some = ({ random, take }: Exchange) => take(random.below(10));

/** What it may do with a request. A share of them all, for each time that it is named. */
const ways: Readonly<Record<string, (exchange: Exchange) => Promise<void> | void>> = {
  accept: ({ response, take }) => answer(response, 204, take()),
  fail: ({ response, random }) => answer(response, random.pick([500, 502, 503, 429])),
  reset: ({ request }) => void request.socket.destroy(),
  acceptAndReset({ request, take }) {
    take();
    request.socket.destroy();
  },
  acceptAndHang: ({ take }) => void take(), // until the sender gives up
  acceptSomeAndFail(exchange) {
    some(exchange);
    answer(exchange.response, 503);
  },
  acceptSomeAndReset(exchange) {
    some(exchange);
    exchange.request.socket.destroy();
  },
  async acceptSlowly({ response, random, take }) {
    const taken = take();
    await pause(random.below(60));
    answer(response, 204, taken);
  },
};
const common = ['accept', 'accept', 'accept', 'accept', 'accept', 'accept', 'acceptSlowly'];
const choices = [...common, ...common, ...Object.keys(ways), 'fail', 'reset', 'acceptAndReset'];

export const receiverWays: ReadonlySet<string> = new Set(Object.keys(ways));

export async function createUnreliableReceiver(random: Random): Promise<UnreliableReceiver> {
  const taken: Taken[] = [];
  const did = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return; // cut off
    const lines = body.split('\n').slice(0, -1);
    const take = (limit = lines.length) => {
      const begin = taken.length;
      for (const line of lines.slice(0, limit)) taken.push({ line, acknowledgedAt: undefined });
      return taken.slice(begin);
    };
    const chosen = random.pick(choices);
    // Once in a life: several in a row would outlast the deadline of a SIGTERM.
    const way = chosen === 'acceptAndHang' && did.has(chosen) ? 'accept' : chosen;
    did.set(way, (did.get(way) ?? 0) + 1);
    await ways[way]?.({ request, response, random, take });
  });
  // An address of its own, so that no outgoing connection takes the port while it is down.
  const listen = async (port: number) => {
    server.listen(port, '127.7.7.7');
    await once(server, 'listening');
  };
  const down = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await listen(0);
  const { address, port } = server.address() as AddressInfo;
  return {
    url: `http://${address}:${port}/lines`,
    taken,
    did,
    isUp: () => server.listening,
    down,
    async up() {
      if (!server.listening) await listen(port);
    },
    close: down,
  };
}
