// A scale with an old way of reporting.
import { createServer } from 'node:http';

let asked = 0;
const server = createServer((_request, response) => {
  asked += 1;
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.end(`belt-1;net=${1000 + asked};ok\nbelt-2;net=0;jammed\n`);
});
server.listen(8080, '127.0.0.1');
process.once('SIGTERM', () => {
  server.close();
  server.closeIdleConnections();
});
