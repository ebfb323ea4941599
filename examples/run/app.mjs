// Prints, writes a log file, and says how it is in JSON.
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';

let pages = 0;
const write = (level, message) =>
  appendFileSync('/var/log/press/press.log', `level=${level} msg="${message}" pages=${pages}\n`);

const work = setInterval(() => {
  pages += 1;
  write(pages % 20 === 0 ? 'warn' : 'info', 'page printed');
}, 50);

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ pages, ink: `${100 - (pages % 100)} %` }));
});
server.listen(8080, '127.0.0.1');
process.once('SIGTERM', () => {
  clearInterval(work);
  server.close();
  server.closeIdleConnections();
});
