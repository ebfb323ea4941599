// An app that knows nothing of podmates: it answers on localhost, writes a log file, and counts.
import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs';
import { createServer } from 'node:http';

const log = '/var/log/shop/shop.log';
const started = new Date().toISOString();
const shelves = { tea: { items: 400, sold: 0 }, coffee: { items: 400, sold: 0 } };
const waiting = [];
let taken = 0;

function write(level, message, fields = {}) {
  if (existsSync(log) && statSync(log).size > 1_000_000) renameSync(log, `${log}.1`);
  const time = new Date().toISOString();
  appendFileSync(log, `${JSON.stringify({ time, level, message, ...fields })}\n`);
}

function order(user) {
  taken += 1;
  const shelf = taken % 3 === 0 ? 'coffee' : 'tea';
  const made = { number: taken, shelf, items: 1 + (taken % 2) };
  waiting.push(made);
  write('info', `order ${taken} taken`, { user, ...made });
  return made;
}

function pack() {
  const next = waiting.shift();
  if (next === undefined) return;
  const shelf = shelves[next.shelf];
  shelf.items -= next.items;
  shelf.sold += next.items;
  write('debug', `order ${next.number} packed`);
  if (shelf.items > 100) return;
  shelf.items = 400;
  write('warn', `shelf ${next.shelf} was running low`);
}

const stats = () => ({
  service: 'shop',
  status: 'UP',
  started,
  orders: { taken, waiting: waiting.length },
  memory: { mb: Math.round(process.memoryUsage.rss() / 104_857.6) / 10 },
  shelves,
});

const server = createServer((request, response) => {
  const send = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const { pathname } = new URL(request.url, 'http://shop');
  const user = request.headers['x-user'];
  if (pathname === '/health') send(200, { status: 'UP' });
  else if (pathname === '/stats') send(200, stats());
  else if (pathname === '/orders/' && request.method === 'POST') send(201, order(user));
  else if (pathname === '/orders/') send(200, { for: user, ...stats().orders });
  else send(404, { error: 'no such page' });
});

// On localhost only: whoever wants in goes by the ambassador.
server.listen(8080, '127.0.0.1', () => write('info', 'the shop is open'));
const work = setInterval(pack, 100);
process.once('SIGTERM', () => {
  clearInterval(work);
  write('info', 'the shop closes');
  server.close();
  server.closeAllConnections();
});
