import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { ambassadorSchema, createAmbassador } from '../../../sidecars/ambassador/index.ts';
import type { Logger } from '../../../sidecars/core/logger.ts';
import { createMetrics } from '../../../sidecars/core/metrics.ts';
import { type ByteApp, startByteApp } from './byte-app.ts';
import { findCases, makeCase } from './cases.ts';
import { createRandom } from './random.ts';
import { parseStrictly, type StrictRequest } from './strict-parser.ts';

/** A line of the access log. */
interface Judged {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly decision: 'allowed' | 'refused';
  readonly reason: string | undefined;
  readonly traceId: string;
}

export interface FuzzReport {
  readonly cases: number;
  readonly letIn: number;
  readonly refused: number;
  readonly seconds: number;
}

const concurrency = 512;
/** How long to listen for more, behind an answer and where none comes. */
const quietMs = 20;
const silentMs = 1500;

/**
 * Sends so many odd connections to an ambassador in front of an app that reads by the letter.
 * Throws unless every request that the app saw is one that was let in, once, unchanged.
 */
export async function fuzz(
  cases: number,
  seed: number,
  options: { readonly h2c: boolean },
): Promise<FuzzReport> {
  const app = await startByteApp();
  const judged: Judged[] = [];
  const ambassador = createAmbassador(describe(app, options.h2c), {
    logger: recorder(judged),
    metrics: createMetrics('ambassador'),
  });
  await ambassador.start();
  const port = Number(ambassador.addresses()['http']?.split(':').at(-1));
  const random = createRandom(seed);
  const sent = new Map<string, Set<string>>();
  const started = performance.now();
  let next = 0;
  const work = async () => {
    while (next < cases) {
      const number = next++;
      const text = makeCase(number, random);
      for (const { target, body } of readRequests(text)) {
        sent.set(target, (sent.get(target) ?? new Set()).add(body));
      }
      await deliver(port, text, number, random.below(text.length));
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
  } finally {
    await ambassador.stop();
    await app.close();
  }
  const seconds = (performance.now() - started) / 1000;
  assert.equal(compare(app, judged, sent), undefined, `seed ${seed}`);
  const letIn = judged.filter(({ decision }) => decision === 'allowed').length;
  return { cases, letIn, refused: judged.length - letIn, seconds };
}

function describe(app: ByteApp, h2c: boolean) {
  return ambassadorSchema.parse({
    listen: '127.0.0.1:0',
    h2c,
    admin: false,
    upstream: { url: `http://127.0.0.1:${app.port}`, timeouts: { idle: '2s', firstByte: '2s' } },
    shutdown: { delay: '0ms', deadline: '5s' },
    limits: { bodyIdle: '1s' },
    routes: [{ path: '/open/**', public: true, websocket: {} }],
  });
}

function recorder(judged: Judged[]): Logger {
  const note = (record: unknown) => void judged.push(record as Judged);
  const unexpected = (record: unknown, message?: string) => {
    throw new Error(`logged ${message}`, { cause: record });
  };
  const logger = { info: note, warn: () => {}, error: unexpected, child: () => logger };
  return logger as unknown as Logger;
}

function readRequests(text: string): StrictRequest[] {
  const requests: StrictRequest[] = [];
  for (let at = 0; ; ) {
    const result = parseStrictly(text, at);
    if (result.kind !== 'request') return requests;
    requests.push(result.request);
    at = result.end;
  }
}

/** Sends in two pieces; hangs up when nothing comes any more. */
function deliver(port: number, text: string, number: number, cut: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  return new Promise((resolve, reject) => {
    let heard = '';
    const timer = setTimeout(() => socket.destroy(), silentMs);
    socket.on('connect', () => {
      socket.write(text.slice(0, cut), 'latin1');
      setImmediate(() => socket.write(text.slice(cut), 'latin1'));
    });
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
      clearTimeout(timer);
      setTimeout(() => socket.destroy(), quietMs);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      const foreign = findCases(heard).find((one) => one !== number);
      if (foreign === undefined) resolve();
      else reject(new Error(`case ${number} was answered what belongs to another: ${heard}`));
    });
  });
}

/** What does not agree, or undefined. */
function compare(
  app: ByteApp,
  judged: readonly Judged[],
  sent: ReadonlyMap<string, ReadonlySet<string>>,
): string | undefined {
  if (app.offences.length > 0) return app.offences[0];
  const allowed = new Map<string, Judged[]>();
  for (const one of judged) {
    if (one.decision === 'allowed') allowed.set(one.path, [...(allowed.get(one.path) ?? []), one]);
  }
  for (const { method, target, headers, body } of app.requests) {
    const path = target.split('?')[0] ?? '';
    const ids = headers
      .filter(([name]) => name === 'traceparent')
      .map(([, value]) => value.slice(3, 35));
    const list = allowed.get(path) ?? [];
    const at = list.findIndex((one) => one.method === method && one.traceId === ids[0]);
    if (at < 0 || ids.length !== 1) return `${method} ${target} was not let in: ${ids}`;
    list.splice(at, 1);
    const forged = headers.find(([name]) => name.replace(/[^a-z0-9]/g, '-') === 'x-user');
    if (forged !== undefined) return `${target} brought ${forged[0]}`;
    const meant = sent.get(target);
    if (meant?.has(body) === false) return `${target} has another body: ${body}`;
  }
  const lost = [...allowed.values()]
    .flat()
    .find(({ status, reason }) => status === 200 && reason === undefined);
  return lost === undefined ? undefined : `${lost.method} ${lost.path} was answered by nobody`;
}
