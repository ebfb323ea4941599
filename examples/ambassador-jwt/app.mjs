// Answers with what it was told about the caller. It checks nothing: the ambassador has.
import { createServer } from 'node:http';

const server = createServer(({ method, url, headers }, response) => {
  const caller = { user: headers['x-user'], groups: headers['x-groups'] };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify({ method, url, caller })}\n`);
});

// On localhost only: whoever wants in goes by the ambassador.
server.listen(8080, '127.0.0.1');
process.once('SIGTERM', () => {
  server.close();
  server.closeIdleConnections();
});
