// Takes Loki pushes and appends a byte to a file for every line, so that the bench sees progress.
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [port, file] = process.argv.slice(2);
createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { streams } = JSON.parse(Buffer.concat(chunks));
    const lines = streams.reduce((sum, { values }) => sum + values.length, 0);
    appendFileSync(file, '.'.repeat(lines));
    response.writeHead(204).end();
  });
}).listen(Number(port), '127.0.0.1');
