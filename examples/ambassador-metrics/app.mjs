// An app with a page for Prometheus that is nobody else's business.
import { createServer } from 'node:http';

let served = 0;
const server = createServer((_request, response) => {
  served += 1;
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
  response.end(
    `# HELP payroll_pages_served_total Pages served.\n# TYPE payroll_pages_served_total counter\npayroll_pages_served_total ${served}\n`,
  );
});
server.listen(8080, '127.0.0.1');
process.once('SIGTERM', () => {
  server.close();
  server.closeIdleConnections();
});
