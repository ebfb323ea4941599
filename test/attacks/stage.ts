import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwks, mint, type SigningKey, signingKey } from '../ambassador/authenticate/issuer.ts';
import { startContainer } from '../container-process.ts';
import { type RecordingApp, startRecordingApp } from './recording-app.ts';
import { type AskOptions, ask, type Heard } from './wire.ts';

/** Where an attack is played: a proxy in front of an app that keeps every byte. */
export interface Stage {
  /** The proxy under attack. */
  readonly port: number;
  readonly app: RecordingApp;
  /** Good credentials, and the makings of bad ones. */
  readonly keys: { readonly corp: SigningKey; readonly other: SigningKey };
  token(claims?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Who serves the keys, and who is asked about tokens and requests; attacks make them fail. */
  readonly issuer: FaultyService;
  readonly decider: FaultyService;
  send(bytes: Parameters<typeof ask>[1], options?: AskOptions): Promise<Heard>;
  /** Sends, expects exactly this status as the first answer, and not a byte at the app. */
  denied(bytes: Parameters<typeof ask>[1], ...statuses: readonly number[]): Promise<Heard>;
  close(): Promise<void>;
}

export interface FaultyService {
  readonly port: number;
  requests(): number;
  respond(handler: (request: IncomingMessage, response: ServerResponse) => void): void;
}

/** The address that comes to the stage for identity: one for each proxy that can be attacked. */
export type Contestant = (options: {
  readonly app: RecordingApp;
  readonly issuer: FaultyService;
  readonly decider: FaultyService;
  readonly keys: Stage['keys'];
}) => Promise<{ readonly port: number; close(): Promise<unknown> }>;

export async function setStage(contestant: Contestant): Promise<Stage> {
  const app = await startRecordingApp();
  const corp = await signingKey('RS256', 'corp');
  const other = await signingKey('ES256', 'other');
  const issuer = await startService(answerJson(jwks(corp, other)));
  const decider = await startService(answerJson({ active: false }));
  const keys = { corp, other };
  const proxy = await contestant({ app, issuer, decider, keys });
  const send: Stage['send'] = (bytes, options) => ask(proxy.port, bytes, options);
  return {
    port: proxy.port,
    app,
    keys,
    token: (claims = {}) => mint(corp, { claims: { groups: [], ...claims } }),
    issuer,
    decider,
    send,
    async denied(bytes, ...statuses) {
      app.forget();
      const heard = await send(bytes);
      const status = heard.answers[0]?.status;
      assert.ok(status !== undefined && statuses.includes(status), `answered ${heard.raw}`);
      assert.equal(app.bytes(), '', 'bytes reached the app');
      return heard;
    },
    async close() {
      await proxy.close();
      await Promise.all([app.close(), issuer.close(), decider.close()]);
    },
  };
}

export function answerJson(body: unknown) {
  return (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
}

async function startService(first: (request: IncomingMessage, response: ServerResponse) => void) {
  let handler = first;
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    request.resume();
    handler(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests: () => asked,
    respond(next: typeof first) {
      handler = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const apiKey = 'attack-key-0123456789-abcdefghijklmnop';

/** 72 bytes, which is all that bcrypt looks at. */
export const longPassword = 'correct horse battery staple '.repeat(3).slice(0, 72);

// joe's password is "sesame"
const passwordFile = `joe:$2y$05$.CnLYlZ36E3/jsR2V16k1ehqRrmiR6eE9yH.jgMOxjW5AIOp8yMk6
ann:$2y$05$rQe5AypoujLBdbPwLFQZoup9YXsBpQGftZ4oXLMMz.drusn3P.PLG
`;

/** The running container, as the images run it; `h2c` also hears HTTP/2 on the same port. */
export const ambassador =
  (h2c: boolean): Contestant =>
  async ({ app, issuer, decider }) => {
    const directory = mkdtempSync(join(tmpdir(), 'podmates-attacks-'));
    const file = (name: string, text: string) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const secret = file('secret', 'introspection-secret');
    const users = file('users', passwordFile);
    const hash = createHash('sha256').update(apiKey).digest('base64url');
    const keys = file('keys', `- {name: joe, hash: "sha256:${hash}"}\n`);
    const container = await startContainer(
      'ambassador',
      describeConfig({ h2c, app, issuer, decider, secret, users, keys }),
    );
    const port = Number(container.addresses['http']?.split(':').at(-1));
    return { port, close: () => container.stop() };
  };

interface Places {
  readonly h2c: boolean;
  readonly app: RecordingApp;
  readonly issuer: FaultyService;
  readonly decider: FaultyService;
  readonly secret: string;
  readonly users: string;
  readonly keys: string;
}

function describeConfig({ h2c, app, issuer, decider, secret, users, keys }: Places): string {
  return `ambassador:
  listen: "127.0.0.1:0"
  h2c: ${h2c}
  admin: false
  upstream: http://127.0.0.1:${app.port}
  shutdown: {delay: 0ms, deadline: 2s}
  limits: {headTimeout: 1s, bodyIdle: 1s}
  auth:
    corp: {type: jwt, issuer: "https://idp.example", audience: [orders], algorithms: [RS256],
           jwks: {url: "http://127.0.0.1:${issuer.port}/keys"}}
    other: {type: jwt, issuer: "https://other.example", audience: [orders], algorithms: [ES256],
           jwks: {url: "http://127.0.0.1:${issuer.port}/keys"}}
    access: {type: jwt, issuer: "https://idp.example", audience: [orders], tokenType: at+jwt,
             jwks: {url: "http://127.0.0.1:${issuer.port}/keys"}}
    asked: {type: introspection, url: "http://127.0.0.1:${decider.port}/introspect",
            clientId: amb, clientSecret: {file: ${secret}}, timeout: 500ms, cache: {ttl: 0s}}
    reviewed: {type: kubernetes, server: "http://127.0.0.1:${decider.port}", audience: [orders],
               auth: {bearer: {file: ${secret}}}, tls: {}, subjectAccessReview: true,
               timeout: 500ms, cache: {ttl: 0s}}
    checked: {type: http, url: "http://127.0.0.1:${decider.port}/check", timeout: 500ms,
              send: [authorization, x-tenant]}
    keys: {type: apiKey, file: ${keys}}
    users: {type: htpasswd, file: ${users}, concurrency: 1}
  identity: {headers: {X-User: subject, X-Groups: groups, X-Role: role, X-Email: email}}
  routes:
    - {path: /public/**, public: true}
    - {path: /status, public: true}
    - {path: /private/**, auth: [corp]}
    - {path: /admin/**, auth: [corp], require: {groups: [admin]}}
    - {path: /other/**, auth: [other]}
    - {path: /access/**, auth: [access]}
    - {path: /asked/**, auth: [asked]}
    - {path: /reviewed/**, auth: [reviewed]}
    - {path: /checked/**, auth: [checked]}
    - {path: /keys/**, auth: [keys]}
    - {path: /users/**, auth: [users]}
    - {path: /hosted/**, host: app.example, public: true}
    - {path: /office/**, public: true, require: {cidr: [10.0.0.0/8]}}
    - {path: /corp-mail/**, auth: [corp], require: {claims: {email: joe@corp.example}}}
    - {path: /small/**, public: true, limits: {body: 1KiB}}
    - {path: /ws, auth: [corp], websocket: {origins: ["https://app.example"]}}
`;
}
