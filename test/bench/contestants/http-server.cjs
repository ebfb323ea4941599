// The least that Node rests in: an HTTP server that answers anything. CommonJS, for an import of
// node:http reads all of its names and so loads a client that nobody asked for.
const { createServer } = require('node:http');

createServer((_request, response) => response.end('ok')).listen(
  Number(process.argv[2]),
  '127.0.0.1',
);
