import * as z from 'zod';
import { duration, url } from '../../core/config/fields.ts';
import { httpTargetFields } from '../../core/http/target.ts';

const timeouts = z
  .strictObject({
    connect: duration().prefault('2s').describe('To reach the app.'),
    firstByte: duration()
      .prefault('60s')
      .describe("From the end of the request to the answer's first byte."),
    idle: duration().prefault('5m').describe('Without a byte in either direction.'),
    whole: duration().optional().describe('From beginning to end; by default without bound.'),
  })
  .prefault({})
  .describe('How long to wait for the app.');

const breaker = z
  .strictObject({
    failures: z.int().positive().default(5).describe('Failures in a row after which it opens.'),
    open: duration().prefault('5s').describe('How long the app is then left alone.'),
  })
  .describe('Answers 503 at once while the app fails; by default there is none.');

const { socket, tls } = httpTargetFields('1s');

const fields = {
  url: url('http', 'https').describe('Where the app listens, such as http://127.0.0.1:8080.'),
  socket,
  tls,
  protocol: z
    .enum(['http1', 'http2'])
    .default('http1')
    .describe(
      'What the app speaks; gRPC is http2, without TLS for an http: url, over one connection: ' +
        'connections, keepAlive and retries are for http1.',
    ),
  host: z
    .enum(['preserve', 'upstream'])
    .default('preserve')
    .describe("The Host that the app sees: the caller's, or that of the url."),
  timeouts,
  connections: z.int().positive().default(512).describe('Most connections to the app at once.'),
  keepAlive: duration()
    .prefault('4s')
    .describe('How long an idle connection is kept; shorter than the app keeps it.'),
  retries: z
    .int()
    .min(0)
    .max(1)
    .default(1)
    .describe('For GET, HEAD and OPTIONS when a kept-alive connection turns out to be closed.'),
  breaker: breaker.optional(),
};

const target = z.strictObject(fields, {
  error: ({ code }) =>
    code === 'invalid_type'
      ? 'expected the URL of the app, such as http://127.0.0.1:8080, or a map with url'
      : undefined,
});

/** Where requests go: a URL, or a map that says more. */
export const upstream = z
  .preprocess((value) => (typeof value === 'string' ? { url: value } : value), target)
  .refine(({ url }) => new URL(url).pathname === '/' && new URL(url).search === '', {
    path: ['url'],
    message: 'must have no path: the path that was judged is the one that is forwarded',
  })
  .meta({ shortForm: { type: 'string' } });

export type UpstreamConfig = z.output<typeof upstream>;
