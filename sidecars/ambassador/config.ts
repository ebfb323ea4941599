import * as z from 'zod';
import { admin, duration, listen, rate, size } from '../core/config/fields.ts';
import { knownMethods } from './accept/request-check.ts';
import { readTarget } from './accept/target.ts';
import { authSchema, findSharedPaths } from './authenticate/config.ts';
import { authorizer, findTies, type RouteConfig, ranges, route } from './authorize/config.ts';
import { upstream } from './forward/config.ts';
import { foldName, isWritten } from './forward/fields/field-rules.ts';

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]+$/, 'expected a header name of letters, digits and -');

const tls = z.strictObject({
  cert: z.string().describe('File with the PEM certificate and its intermediates.'),
  key: z.string().describe('File with its PEM key.'),
});

const identityHeaders = z.record(headerName, z.string().min(1)).superRefine((headers, context) => {
  const names = new Map<string, string>();
  for (const name of Object.keys(headers)) {
    const same = names.get(foldName(name));
    const message = isWritten(name)
      ? 'is written by the ambassador itself; take another name, such as X-User'
      : same && `is the same header as ${same}; remove one of the two`;
    if (message) context.addIssue({ code: 'custom', path: [name], message });
    names.set(foldName(name), name);
  }
});

const identity = z
  .strictObject({
    headers: identityHeaders
      .default({ 'X-User': 'subject', 'X-Groups': 'groups' })
      .describe(
        'Headers for the app: subject, groups, scopes, provider or a claim. Never taken from callers.',
      ),
    forwardCredential: z
      .boolean()
      .default(false)
      .describe('Also pass the credential itself on to the app.'),
  })
  .prefault({})
  .describe('What the app is told of the caller.');

const paths = z
  .strictObject({
    caseSensitive: z
      .boolean()
      .default(false)
      .describe('Whether /Admin is another path than /admin. For many apps it is not.'),
    encodedSlash: z.boolean().default(false).describe('Let %2F through, as part of a segment.'),
    semicolon: z.boolean().default(false).describe('Let ; through, as part of a segment.'),
  })
  .prefault({})
  .describe('Which spellings of a path are let through, and which are the same.');

const limits = z
  .strictObject({
    body: size().prefault('10MiB').describe('Longest request body.'),
    head: size().prefault('16KiB').describe('Longest request head.'),
    headers: z.int().positive().default(100).describe('Most header lines.'),
    connections: z.int().positive().default(10_000).describe('Most connections from callers.'),
    headTimeout: duration().prefault('10s').describe('To send the whole head of a request.'),
    bodyIdle: duration().prefault('30s').describe('Without a byte while a body is being sent.'),
    answerIdle: duration()
      .prefault('60s')
      .describe('Without a byte taken while an answer is being sent.'),
    idle: duration().prefault('60s').describe('Between requests of one connection.'),
    authFailures: rate()
      .prefault('30/m')
      .describe('Refused credentials of one address; past it, they are answered 429 unread.'),
  })
  .prefault({})
  .describe('Bounds for every caller; routes have their own beside them.');

const shutdown = z
  .strictObject({
    delay: duration()
      .prefault('5s')
      .describe('Goes on serving while not ready, until nobody sends new requests.'),
    deadline: duration().prefault('25s').describe('For everything, with the delay.'),
  })
  .refine(({ delay, deadline }) => delay < deadline, {
    path: ['delay'],
    message: 'must be shorter than deadline, or no time is left to finish what is under way',
  })
  .prefault({})
  .describe('How it ends at SIGTERM.');

const section = z.strictObject({
  listen: listen().prefault(':7100'),
  tls: tls.optional().describe('TLS for callers; without it, plain HTTP.'),
  http2: z.boolean().default(true).describe('HTTP/2 for callers who can, by ALPN over tls.'),
  h2c: z
    .boolean()
    .default(false)
    .describe('HTTP/2 without TLS, for callers who speak it from the first byte on.'),
  upstream: upstream.describe('The app: a URL, or a map with url and more.'),
  upstreams: z
    .record(z.string(), upstream)
    .default({})
    .describe('Other apps, by names that routes refer to.'),
  trustedProxies: ranges()
    .default([])
    .describe('Proxies in front whose X-Forwarded-* are believed, as addresses and ranges.'),
  auth: authSchema,
  authorizers: z
    .record(z.string(), authorizer)
    .default({})
    .describe('Decisions of your own, by names that routes refer to.'),
  routes: z.array(route).default([]).describe('Who may do what; what no route names is refused.'),
  identity,
  paths,
  limits,
  shutdown,
  accessLog: z
    .enum(['all', 'refused', 'none'])
    .default('all')
    .describe('Which requests get a line in the log.'),
  explain: z
    .boolean()
    .default(false)
    .describe('Answer POST /explain on the admin port: what would become of a request, and why.'),
  admin: admin(7102),
});

/** The section `ambassador:` of podmates.yaml. */
export const ambassadorSchema = section.superRefine((config, context) => {
  const add = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  if (config.h2c && config.tls !== undefined) {
    add(['h2c'], 'is HTTP/2 without TLS, and there is tls:, over which http2: is agreed on');
  }
  const providers = Object.keys(config.auth);
  for (const [name, { type }] of Object.entries(config.auth)) {
    if (type === 'mtls' && config.tls === undefined) {
      add(['auth', name], 'can never prove anybody: certificates are shown in TLS; add tls:');
    }
  }
  for (const [name, path] of findSharedPaths(config.auth)) {
    add(['auth', name], `answers ${path} by itself, and so does another one; give each its own`);
  }
  const upstreams = Object.keys(config.upstreams);
  config.routes.forEach((rule, index) => {
    const unseen = findUnseen(rule, config.paths);
    if (unseen !== undefined) add(['routes', index, unseen.key], unseen.message);
    rule.auth?.forEach((name, at) => {
      if (!providers.includes(name)) {
        add(['routes', index, 'auth', at], `no "${name}" under auth:${listing(providers)}`);
      }
    });
    if (!rule.public && rule.auth === undefined && providers.length === 0) {
      add(
        ['routes', index],
        'can never let anybody in: name a way under auth:, or say public: true',
      );
    }
    const asked = rule.require?.authorizer;
    if (asked !== undefined && !Object.hasOwn(config.authorizers, asked)) {
      const named = `no "${asked}" under authorizers:${listing(Object.keys(config.authorizers))}`;
      add(['routes', index, 'require', 'authorizer'], named);
    }
    if (rule.upstream !== undefined && !upstreams.includes(rule.upstream)) {
      const named = `no "${rule.upstream}" under upstreams:${listing(upstreams)}`;
      add(['routes', index, 'upstream'], named);
    }
  });
  for (const { index, of, method } of findTies(config.routes, config.paths.caseSensitive)) {
    const what = method === '' ? 'every method' : method;
    add(['routes', index], `can never match: routes[${of}] has the same host and path for ${what}`);
  }
});

/** What no request that gets as far as the routes can have. */
function findUnseen(
  { path, methods = [] }: RouteConfig,
  options: z.output<typeof paths>,
): { readonly key: string; readonly message: string } | undefined {
  const unknown = methods.find((method) => !knownMethods.has(method));
  if (unknown !== undefined) {
    const message = `can never match: ${unknown} is refused; take some of ${[...knownMethods].join(', ')}`;
    return { key: 'methods', message };
  }
  const example = path.replaceAll('*', 'x');
  const target = readTarget(example, options);
  if ('reason' in target) {
    return { key: 'path', message: `can never match: requests with ${target.detail} are refused` };
  }
  if (target.path === example || !options.caseSensitive) return undefined;
  return { key: 'path', message: 'can never match: write escapes in capitals, as in %C3%A4' };
}

function listing(names: readonly string[]): string {
  return names.length === 0 ? '' : ` (there are ${names.join(', ')})`;
}

export type AmbassadorConfig = z.output<typeof ambassadorSchema>;
