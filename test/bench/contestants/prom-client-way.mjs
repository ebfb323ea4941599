// What people write by hand with the official client: fetch, reset, set every series, render.
import { createServer } from 'node:http';
import { Counter, Gauge, Registry } from '@prometheus-io/client';
import { request } from 'undici';

const [port, url] = process.argv.slice(2);
const registers = [new Registry()];
const labelNames = ['name', 'group'];
const total = new Counter({ name: 'app_requests_total', help: 'Requests.', labelNames, registers });
const failed = new Counter({
  name: 'app_requests_failed_total',
  help: 'Failures.',
  labelNames,
  registers,
});
const inFlight = new Gauge({
  name: 'app_requests_in_flight',
  help: 'In flight.',
  labelNames,
  registers,
});
const memory = new Gauge({ name: 'app_memory_bytes', help: 'Memory.', labelNames, registers });

createServer(async (_request, response) => {
  const { body } = await request(url);
  const { applications } = JSON.parse(await body.text());
  for (const metric of [total, failed, inFlight, memory]) metric.reset();
  for (const { name, group, requests, memory_bytes } of applications) {
    total.inc({ name, group }, requests.total);
    failed.inc({ name, group }, requests.failed);
    inFlight.set({ name, group }, requests.in_flight);
    memory.set({ name, group }, memory_bytes);
  }
  response.end(await registers[0].metrics());
}).listen(Number(port), '127.0.0.1');
