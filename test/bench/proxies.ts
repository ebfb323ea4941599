import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch, startContestant } from './podmates.ts';
import { type Program, startProgram } from './program.ts';
import type { Issuer } from './tokens.ts';

/** What a peer is told: where it listens, where the app is, who vouches for callers. */
export interface Setup {
  readonly port: number;
  readonly appPort: number;
  readonly issuer: Issuer;
  readonly authPort: number;
}

/** What the server that nginx, Caddy and our forward auth ask does not let pass. */
export const refusedToken = 'refused';

/**
 * The app behind every proxy: nginx, which answers 1 KB, takes uploads, and serves 1 MB. A second
 * server says whether a caller may pass, and shows the issuer's keys.
 */
export function startOrigin({ appPort: port, authPort, issuer }: Omit<Setup, 'port'>): Program {
  const folder = scratch();
  writeFileSync(join(folder, 'jwks.json'), issuer.jwks);
  writeFileSync(join(folder, 'big'), Buffer.alloc(1024 * 1024, 'x'));
  const body = 'x'.repeat(1024);
  return startNginx(
    folder,
    `server { listen 127.0.0.1:${port} reuseport; client_max_body_size 10m;
       location / { add_header x-app bench; return 200 "${body}"; }
       location = /big { root ${folder}; }
       location = /public/upload { proxy_pass http://127.0.0.1:${port}/; } }
     server { listen 127.0.0.1:${authPort};
       location / { if ($http_authorization = "Bearer ${refusedToken}") { return 401; } return 204; }
       location = /jwks.json { root ${folder}; } }`,
    1,
  );
}

/** nginx as a plain proxy: the floor that nothing in JavaScript reaches. */
export function startNginxPlain({ port, appPort }: Setup): Program {
  return startNginx(
    scratch(),
    `upstream app { server 127.0.0.1:${appPort}; keepalive 64; }
     server { listen 127.0.0.1:${port}; location / { ${throughToApp} } }`,
    0,
  );
}

/** nginx asking a second server on loopback for every request. */
export function startNginxAuthRequest({ port, appPort, authPort }: Setup): Program {
  return startNginx(
    scratch(),
    `upstream app { server 127.0.0.1:${appPort}; keepalive 64; }
     upstream auth { server 127.0.0.1:${authPort}; keepalive 64; }
     server { listen 127.0.0.1:${port};
       location / { auth_request /auth; ${throughToApp} }
       location = /auth { internal; proxy_pass http://auth; proxy_http_version 1.1;
         proxy_set_header Connection ""; proxy_pass_request_body off; proxy_set_header Content-Length ""; } }`,
    0,
  );
}

const throughToApp =
  'proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_request_buffering off; client_max_body_size 10m;';

function startNginx(folder: string, servers: string, core: 0 | 1): Program {
  const file = join(folder, 'nginx.conf');
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/tmp/${name};`)
    .join(' ');
  writeFileSync(
    file,
    `daemon off; user root; worker_processes 1; pid ${folder}/pid; error_log stderr error;
     events { worker_connections 4096; }
     http { access_log off; keepalive_requests 1000000000; ${temporary} ${servers} }`,
  );
  return startProgram({ command: 'nginx', args: ['-c', file, '-e', 'stderr'], core });
}

/** HAProxy verifying the same RS256 tokens, anew for every request. */
export function startHaproxy({ port, appPort, issuer }: Setup): Program {
  const folder = scratch();
  writeFileSync(join(folder, 'issuer.pem'), issuer.pem);
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  nbthread 1
defaults
  mode http
  timeout client 30s
  timeout server 30s
  timeout connect 5s
frontend in
  bind 127.0.0.1:${port}
  http-request set-var(txn.alg) http_auth_bearer,jwt_header_query('$.alg')
  http-request set-var(txn.exp) http_auth_bearer,jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 unless { var(txn.alg) -m str RS256 }
  http-request deny deny_status 401 if { var(txn.exp),sub(txn.now) -m int lt 0 }
  http-request deny deny_status 401 unless { http_auth_bearer,jwt_verify(txn.alg,"${folder}/issuer.pem") 1 }
  default_backend app
backend app
  http-reuse always
  server app 127.0.0.1:${appPort}
`,
  );
  return startProgram({ command: 'haproxy', args: ['-f', file, '-db'], core: 0 });
}

/** Caddy asking a second server on loopback, as nginx above. */
export function startCaddy({ port, appPort, authPort }: Setup): Program {
  const folder = scratch();
  const file = join(folder, 'Caddyfile');
  writeFileSync(
    file,
    `{
  admin off
  auto_https off
}
http://127.0.0.1:${port} {
  forward_auth 127.0.0.1:${authPort} {
    uri /
  }
  reverse_proxy 127.0.0.1:${appPort}
}
`,
  );
  return startProgram({
    command: 'caddy',
    args: ['run', '--config', file, '--adapter', 'caddyfile'],
    core: 0,
    env: { GOMAXPROCS: '1', HOME: folder },
  });
}

/** oauth2-proxy as a gate for bearer JWTs: no logins, no sessions, no log of requests. */
export function startOauth2Proxy(command: string) {
  return ({ port, appPort, authPort }: Setup): Program =>
    startProgram({
      command,
      args: [
        `--http-address=127.0.0.1:${port}`,
        `--upstream=http://127.0.0.1:${appPort}/`,
        '--provider=oidc',
        '--skip-oidc-discovery',
        '--oidc-issuer-url=https://issuer.bench',
        `--oidc-jwks-url=http://127.0.0.1:${authPort}/jwks.json`,
        '--login-url=https://issuer.bench/login',
        '--redeem-url=https://issuer.bench/token',
        '--client-id=bench',
        '--client-secret=never-used',
        '--cookie-secret=0123456789abcdef0123456789abcdef',
        '--oidc-email-claim=sub',
        '--email-domain=*',
        '--skip-jwt-bearer-tokens',
        '--bearer-token-login-fallback=false',
        '--api-route=.*',
        '--request-logging=false',
        '--auth-logging=false',
        '--standard-logging=false',
      ],
      core: 0,
      env: { GOMAXPROCS: '1' },
    });
}

export const startHttpProxy = ({ port, appPort }: Setup) =>
  startContestant('http-proxy.mjs', [port, `http://127.0.0.1:${appPort}`], { core: 0 });

export const startFastifyHttpProxy = ({ port, appPort }: Setup) =>
  startContestant('fastify-http-proxy.mjs', [port, `http://127.0.0.1:${appPort}`], { core: 0 });
