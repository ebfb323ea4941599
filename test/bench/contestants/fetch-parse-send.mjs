// What no adapter can do without: fetch the document, parse it, send a page of the size that it makes.
import { createServer } from 'node:http';
import { request } from 'undici';

const [port, url, pageBytes] = process.argv.slice(2);
const page = Buffer.alloc(Number(pageBytes), '#');
createServer(async (_request, response) => {
  const { body } = await request(url);
  JSON.parse(await body.text());
  response.end(page);
}).listen(Number(port), '127.0.0.1');
