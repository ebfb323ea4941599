import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SuiteOptions } from './bench.ts';
import type { Contest, Contestant } from './contest.ts';
import { findGoProgram } from './go-programs.ts';
import { applyLoad, type Load } from './load.ts';
import { scratch, startPodmates } from './podmates.ts';
import { freePort, isInstalled, listening, type Program } from './program.ts';
import { type Asking, proveProxy } from './proof.ts';
import * as proxies from './proxies.ts';
import { createIssuer, forge, sendInTurn } from './tokens.ts';

interface Field {
  readonly setup: Omit<proxies.Setup, 'port'>;
  readonly seconds: number;
  /** A token, and a wrk script that sends another one with each request. */
  readonly token: string;
  readonly manyTokens: string;
  readonly key: string;
  readonly ambassadorConfig: (port: number, adminPort: number) => string;
}

/** One proxy on core 0; wrk and the app on core 1. CPU per request is the proxy's alone. */
export async function* contests({ quick }: SuiteOptions): AsyncIterable<Contest> {
  const field = await prepare(quick ? 1 : 4);
  const origin = proxies.startOrigin(field.setup);
  await listening(field.setup.appPort);
  try {
    yield* plain(field);
    yield* authenticated(field);
    yield* bodies(field);
  } finally {
    await origin.stop();
  }
}

async function* plain(field: Field): AsyncIterable<Contest> {
  const load = { connections: 64, path: '/public/page' };
  yield {
    name: 'GET 1 KB, nobody asked who',
    unit: 'request',
    missing: missing('nginx'),
    contestants: await Promise.all([
      ours('podmates, public route', field, load),
      peer('nginx', proxies.startNginxPlain, field, load),
      peer('http-proxy 1.18.1', proxies.startHttpProxy, field, load),
      peer('@fastify/http-proxy', proxies.startFastifyHttpProxy, field, load),
    ]),
  };
}

async function* authenticated(field: Field): AsyncIterable<Contest> {
  const oauth2Proxy = await findGoProgram({
    name: 'oauth2-proxy',
    package: 'github.com/oauth2-proxy/oauth2-proxy/v7',
    version: 'v7.15.6',
  });
  const load = { connections: 64, path: '/page' };
  const bearer = { authorization: `Bearer ${field.token}` };
  const forged = { authorization: `Bearer ${forge(field.token)}` };
  const jwt = { ...load, headers: bearer, refused: forged };
  const cold = { ...jwt, script: field.manyTokens };
  const key = { headers: { 'x-api-key': field.key }, refused: { 'x-api-key': 'no-key' } };
  const asked = { ...load, refused: { authorization: `Bearer ${proxies.refusedToken}` } };
  yield {
    name: 'GET 1 KB, callers checked',
    unit: 'request',
    missing: [
      ...missing('nginx', 'haproxy', 'caddy'),
      ...('missing' in oauth2Proxy ? [oauth2Proxy.missing] : []),
      'kube-rbac-proxy (its Go module was refused where this contest was written)',
    ],
    remarks: [
      'nginx auth_request and Caddy forward_auth ask a second server on loopback, which verifies nothing; its cost is not counted. HAProxy and oauth2-proxy verify each token anew. http-proxy checks nobody: it stands here as the floor of what people build themselves.',
    ],
    contestants: await Promise.all([
      ours('podmates, JWT RS256, cached', field, jwt),
      ours('podmates, JWT RS256, 2,000 tokens in turn', field, cold, false),
      ours('podmates, API key', field, { ...load, path: '/key', ...key }, false),
      ours('podmates, forward auth', field, { ...asked, path: '/forward' }, false),
      peer('HAProxy jwt_verify RS256', proxies.startHaproxy, field, jwt),
      ...('command' in oauth2Proxy
        ? [
            peer(
              'oauth2-proxy 7.15.6, JWT RS256',
              proxies.startOauth2Proxy(oauth2Proxy.command),
              field,
              jwt,
            ),
          ]
        : []),
      peer('nginx auth_request', proxies.startNginxAuthRequest, field, asked),
      peer('Caddy forward_auth', proxies.startCaddy, field, asked),
      peer('http-proxy 1.18.1, no check', proxies.startHttpProxy, field, load),
    ]),
  };
}

async function* bodies(field: Field): AsyncIterable<Contest> {
  const upload = join(scratch(), 'upload.lua');
  writeFileSync(upload, 'wrk.method = "POST"\nwrk.body = string.rep("x", 65536)\n');
  for (const [name, load] of [
    ['POST 64 KB', { connections: 32, path: '/public/upload', script: upload }],
    ['GET 1 MB', { connections: 16, path: '/big' }],
  ] as const) {
    yield {
      name,
      unit: 'request',
      missing: missing('nginx'),
      contestants: await Promise.all([
        ours('podmates, public route', field, load),
        peer('nginx', proxies.startNginxPlain, field, load),
        peer('http-proxy 1.18.1', proxies.startHttpProxy, field, load),
        peer('@fastify/http-proxy', proxies.startFastifyHttpProxy, field, load),
      ]),
    };
  }
}

type PathLoad = Omit<Load, 'url' | 'seconds'> & Pick<Asking, 'refused'> & { readonly path: string };

async function ours(name: string, field: Field, load: PathLoad, first = true): Promise<Contestant> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const program = startPodmates('ambassador', field.ambassadorConfig(port, adminPort), { core: 0 });
  return contestant(name, first, program, port, field, load);
}

async function peer(
  name: string,
  start: (setup: proxies.Setup) => Program,
  field: Field,
  load: PathLoad,
): Promise<Contestant> {
  const port = await freePort();
  return contestant(name, false, start({ ...field.setup, port }), port, field, load);
}

async function contestant(
  name: string,
  first: boolean,
  program: Program,
  port: number,
  field: Field,
  { path, refused, ...load }: PathLoad,
): Promise<Contestant> {
  await listening(port);
  const url = `http://127.0.0.1:${port}${path}`;
  await proveProxy(name, url, `http://127.0.0.1:${field.setup.appPort}${path}`, {
    ...(load.headers === undefined ? {} : { headers: load.headers }),
    ...(refused === undefined ? {} : { refused }),
  });
  return {
    name,
    ours: first,
    agrees: 'every answer good',
    async round() {
      const before = program.cost();
      const report = await applyLoad({ ...load, url, seconds: field.seconds });
      const after = program.cost();
      return {
        units: report.requests,
        cpuSeconds: after.cpuSeconds - before.cpuSeconds,
        wallSeconds: report.seconds,
        residentBytes: after.residentBytes,
        p50Ms: report.p50Ms,
        p99Ms: report.p99Ms,
        outcome: `${report.failures} failures`,
      };
    },
    close: () => program.stop(),
  };
}

function missing(...programs: readonly string[]): string[] {
  const absent = programs.filter((name) => !isInstalled(name));
  if (absent.length === 0) return [];
  throw new Error(
    `install ${absent.join(', ')} from Debian: apt-get install nginx-light haproxy caddy wrk`,
  );
}

async function prepare(seconds: number): Promise<Field> {
  const issuer = createIssuer();
  const folder = scratch();
  const key = 'bench-key-0123456789abcdef0123456789abcdef';
  writeFileSync(join(folder, 'jwks.json'), issuer.jwks);
  const hash = createHash('sha256').update(key).digest('base64url');
  writeFileSync(join(folder, 'keys'), `- {name: bench, hash: "sha256:${hash}"}\n`);
  const [appPort, authPort] = [await freePort(), await freePort()];
  const callers = Array.from({ length: 2000 }, (_, number) => issuer.mint(`caller-${number}`));
  return {
    setup: { appPort, authPort, issuer },
    seconds,
    token: issuer.mint('caller'),
    manyTokens: sendInTurn(folder, callers),
    key,
    ambassadorConfig: (port, adminPort) => `ambassador:
  listen: "127.0.0.1:${port}"
  admin: { listen: "127.0.0.1:${adminPort}" }
  upstream: { url: "http://127.0.0.1:${appPort}" }
  auth:
    bench: { type: jwt, issuer: "https://issuer.bench", audience: [bench], algorithms: [RS256], jwks: { file: ${folder}/jwks.json } }
    keys: { type: apiKey, file: ${folder}/keys }
    forward: { type: http, url: "http://127.0.0.1:${authPort}/" }
  routes:
    - { path: /public/**, public: true }
    - { path: /big, public: true }
    - { path: /page, methods: [GET], auth: [bench] }
    - { path: /key, methods: [GET], auth: [keys] }
    - { path: /forward, methods: [GET], auth: [forward] }
`,
  };
}
