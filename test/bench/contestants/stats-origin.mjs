// Serves the JSON stats of makeStats, the app behind every adapter: no answer is the one before.
import { createServer } from 'node:http';
import { makeStats } from '../stats-document.ts';

const [port, rows] = process.argv.slice(2).map(Number);
const turns = 10; // divides the scrapes of a round: each contestant ends on the same numbers
const bodies = Array.from({ length: turns }, (_, turn) => Buffer.from(makeStats(rows, turn)));
let asked = 0;
createServer((_request, response) => {
  const body = bodies[asked++ % turns];
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}).listen(port, '127.0.0.1');
