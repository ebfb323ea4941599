import Fastify, { type FastifyRequest } from 'fastify';
import type { LogFile } from './log-file.ts';
import { createStock, type Stats } from './stock.ts';

/** The header by which callers number their requests, to find them again in the shop. */
export const requestNumber = 'x-demo-request';

/** The example app of the pod. It knows nothing of podmates: it answers, writes a file, and counts. */
export interface Shop {
  /** @returns the URL it listens at, on loopback only */
  start(): Promise<string>;
  stop(): Promise<void>;
  /** No orders are packed any more: its numbers stand still unless somebody asks for something. */
  rest(): void;
  stats(): Stats;
  statsRequests(): number;
  /** The numbers of all requests that callers sent and that came here. */
  seen(): ReadonlySet<number>;
}

export function createShop(log: LogFile): Shop {
  const app = Fastify({ logger: false, forceCloseConnections: true });
  const stock = createStock();
  const seen = new Set<number>();
  let statsRequests = 0;
  app.addHook('onRequest', async ({ headers }) => {
    const number = headers[requestNumber];
    if (number !== undefined) seen.add(Number(number));
  });
  app.get('/health', async () => ({ status: 'UP' }));
  app.get('/stats', async () => {
    statsRequests++;
    return stock.stats();
  });
  app.get('/orders/', async (request) => {
    log.write('info', 'orders listed', { user: userOf(request) });
    return stock.stats().orders;
  });
  app.post('/orders/', async (request, reply) => {
    const order = stock.order();
    log.write('info', `order ${order.number} taken`, { user: userOf(request), ...order });
    return reply.code(201).send(order);
  });
  const packing = setInterval(() => {
    const order = stock.pack();
    if (order !== undefined) log.write('debug', `order ${order.number} packed`, { ...order });
    const shelf = Math.random() < 0.03 ? stock.restock() : undefined;
    if (shelf !== undefined) log.write('warn', `shelf ${shelf} was running low`, { shelf });
    if (Math.random() < 0.01) log.write('error', 'label printer did not answer', { retry: true });
  }, 60);
  return {
    start: () => app.listen({ host: '127.0.0.1', port: 0 }),
    async stop() {
      clearInterval(packing);
      await app.close();
    },
    rest: () => clearInterval(packing),
    stats: () => stock.stats(),
    statsRequests: () => statsRequests,
    seen: () => seen,
  };
}

/** As the ambassador says, in a header that no caller can send. */
function userOf({ headers }: FastifyRequest): string {
  return String(headers['x-user'] ?? '');
}
