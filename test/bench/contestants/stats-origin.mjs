// Serves the JSON stats of makeStats: the app behind every adapter.
import { createServer } from 'node:http';
import { makeStats } from '../stats-document.ts';

const [port, rows] = process.argv.slice(2).map(Number);
const body = Buffer.from(makeStats(rows));
createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}).listen(port, '127.0.0.1');
