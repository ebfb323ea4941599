// @fastify/http-proxy with its defaults: no check of anything.
import proxy from '@fastify/http-proxy';
import Fastify from 'fastify';

const [port, upstream] = process.argv.slice(2);
const app = Fastify({ logger: false, bodyLimit: 64 * 1024 * 1024 });
await app.register(proxy, { upstream });
await app.listen({ port: Number(port), host: '127.0.0.1' });
