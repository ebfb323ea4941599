import assert from 'node:assert/strict';
import type { Attack } from '../attack.ts';
import { request } from '../wire.ts';

const get = (path: string) => request(`GET ${path} HTTP/1.1`);

export const paths: readonly Attack[] = [
  {
    number: 6,
    title: '/public/../private and /public/%2e%2e/private',
    async run(stage) {
      for (const dots of ['..', '%2e%2e', '%2E.', '.%2e', './..', '.', '%2e']) {
        await stage.denied(get(`/public/${dots}/private/a`), 400);
      }
      await stage.denied(get('/public/..'), 400);
    },
  },
  {
    number: 7,
    title: '%2f, %5c, \\, //, ;, %00, %252e inside a path',
    baseline: true,
    async run(stage) {
      const odd = [
        '/public/a%2f..%2fprivate',
        '/public%2Fa',
        '/public/..%5cprivate',
        '/public/..\\private',
        '/public//private',
        '//private/a',
        '/public/..;/private/a',
        '/public/a;x=1',
        '/public/a%00.html',
        '/public/%252e%252e/private',
        '/public/%25%32%65/private',
        '/public/%zz',
        '/public/%',
      ];
      for (const path of odd) await stage.denied(get(path), 400);
    },
  },
  {
    number: 8,
    title: 'a raw fragment: /private#/public',
    async run(stage) {
      await stage.denied(get('/private/a#/public/a'), 400);
      await stage.denied(get('/public/a#/../private'), 400);
      await stage.denied(get('/public/a?x#y'), 400);
    },
  },
  {
    number: 9,
    title: '/private?x=/status against a rule for /status',
    baseline: true,
    async run(stage) {
      for (const query of ['/status', '/public/a', 'a&path=/status', '/../status']) {
        await stage.denied(get(`/private/a?x=${query}`), 401);
      }
    },
  },
  {
    number: 10,
    title: '/PRIVATE, /%70rivate and /private/ as other paths than /private',
    baseline: true,
    async run(stage) {
      for (const path of [
        '/PRIVATE/a',
        '/Private/a',
        '/%70rivate/a',
        '/%50RIVATE/a',
        '/private/',
      ]) {
        await stage.denied(get(path), 401);
      }
      stage.app.forget();
      await stage.send(get('/%70ublic/%61'));
      assert.equal(stage.app.requests[0]?.url, '/public/a', 'what was judged is what is forwarded');
    },
  },
  {
    number: 11,
    title: 'absolute-form target, duplicate Host, CONNECT, TRACE, OPTIONS *',
    baseline: true,
    async run(stage) {
      await stage.denied(get('http://app.example/public/a'), 400);
      await stage.denied(get('public/a'), 400);
      await stage.denied(request('GET /public/a HTTP/1.1', ['Host: evil.example']), 400);
      await stage.denied('GET /public/a HTTP/1.1\r\n\r\n', 400);
      await stage.denied('GET /public/a HTTP/1.1\r\nHost: a b\r\n\r\n', 400);
      await stage.denied('GET /public/a HTTP/1.1\r\nHost: user@evil\r\n\r\n', 400);
      const connect = 'CONNECT app.example:80 HTTP/1.1\r\nHost: app.example:80\r\n\r\n';
      await stage.denied(connect, 405);
      const trace = await stage.denied(request('TRACE /public/a HTTP/1.1'), 405);
      assert.match(trace.raw, /^allow: GET, HEAD, POST, /im);
      await stage.denied(request('OPTIONS * HTTP/1.1'), 400);
      await stage.denied(request('PRI * HTTP/2.0'), 400);
      await stage.denied(request('FOO /public/a HTTP/1.1'), 400);
    },
  },
  {
    number: 12,
    title: "a health probe's User-Agent, or none",
    async run(stage) {
      for (const agent of ['kube-probe/1.31', 'GoogleHC/1.0', '', 'ELB-HealthChecker/2.0']) {
        await stage.denied(request('GET /private/a HTTP/1.1', [`User-Agent: ${agent}`]), 401);
      }
      for (const path of ['/ping', '/healthz', '/livez', '/readyz', '/metrics', '/oauth2/ping']) {
        await stage.denied(get(path), 403);
      }
    },
  },
  {
    number: 29,
    title: 'rd=//evil and its like, where a login page would redirect to',
    async run(stage) {
      const targets = [
        '//evil.example',
        '/\\evil.example',
        'https:evil.example',
        '%2f%2fevil.example',
      ];
      for (const target of targets) {
        const heard = await stage.denied(get(`/private/a?rd=${target}&redirect=${target}`), 401);
        assert.doesNotMatch(heard.raw, /^location:/im);
      }
    },
  },
  {
    number: 38,
    title: 'a Host that only begins or ends like an allowed one',
    async run(stage) {
      const ask = (host: string) => `GET /hosted/a HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
      for (const host of [
        'evilapp.example',
        'app.example.evil',
        'evil.app.example',
        'app.exampl',
        'app-example',
        'app.example.evil:80',
      ]) {
        await stage.denied(ask(host), 403);
      }
      for (const host of [
        'app.example:x',
        'app.example/',
        'app.example,evil',
        'app.example:80:80',
      ]) {
        await stage.denied(ask(host), 400);
      }
      for (const host of ['app.example', 'APP.example:8080']) {
        stage.app.forget();
        assert.equal((await stage.send(ask(host))).answers[0]?.status, 200, host);
        assert.deepEqual(stage.app.requests[0]?.values('host'), [host.toLowerCase()]);
      }
    },
  },
  {
    number: 39,
    title: 'a CORS preflight goes through to a protected route',
    baseline: true,
    async run(stage) {
      const preflight = ['Origin: https://evil.example', 'Access-Control-Request-Method: DELETE'];
      await stage.denied(request('OPTIONS /private/a HTTP/1.1', preflight), 401);
    },
  },
];
