// Works, and says so in a JSON document of its own shape.
import { createServer } from 'node:http';

const started = Date.now();
const queues = { mail: { waiting: 3, failed: 0 }, images: { waiting: 8, failed: 0 } };
let done = 0;

const work = setInterval(() => {
  done += 1;
  if (done % 40 === 0) queues.images.failed += 1;
  queues.mail.waiting = done % 5;
}, 50);

const server = createServer((_request, response) => {
  const seconds = Math.floor((Date.now() - started) / 1000);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      started: new Date(started).toISOString(),
      uptime: `${Math.floor(seconds / 60)}m${seconds % 60}s`,
      phase: done % 600 < 500 ? 'busy' : 'idle',
      build: { version: '2.1.0', commit: '4f2a9c1' },
      jobs: { done },
      queues,
    }),
  );
});
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
process.once('SIGTERM', () => {
  clearInterval(work);
  server.close();
  server.closeIdleConnections();
});
