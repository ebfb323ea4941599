import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { exportJWK, exportSPKI, importJWK } from 'jose';
import { assemble, goodClaims, jwks, mint, now } from '../../ambassador/authenticate/issuer.ts';
import type { Attack } from '../attack.ts';
import { answerJson, type Stage } from '../stage.ts';
import { request } from '../wire.ts';

const bearer = (token: string, path = '/private/a') =>
  request(`GET ${path} HTTP/1.1`, [`Authorization: Bearer ${token}`]);

async function works(stage: Stage, token: string, path?: string): Promise<void> {
  const heard = await stage.send(bearer(token, path));
  assert.equal(heard.answers[0]?.status, 200, heard.raw);
}

export const tokens: readonly Attack[] = [
  {
    number: 18,
    title: "alg none; HS256 signed with the issuer's public key",
    async run(stage) {
      await works(stage, await stage.token());
      const { jwk } = stage.keys.corp;
      const publicKey = await importJWK(jwk, 'RS256', { extractable: true });
      const secrets = [
        await exportSPKI(publicKey as Parameters<typeof exportSPKI>[0]),
        JSON.stringify(await exportJWK(publicKey)),
        jwk.n ?? '',
        '',
      ];
      for (const secret of secrets) {
        const sign = (input: string) => createHmac('sha256', secret).update(input).digest();
        for (const kid of ['corp', undefined]) {
          await stage.denied(bearer(assemble({ alg: 'HS256', kid }, goodClaims(), sign)), 401);
        }
      }
      for (const alg of ['none', 'None', 'NONE', '', null]) {
        await stage.denied(bearer(assemble({ alg, kid: 'corp' }, goodClaims())), 401);
      }
    },
  },
  {
    number: 19,
    title: 'an unknown crit; a key brought along as jwk, jku, x5u, x5c',
    async run(stage) {
      const before = stage.issuer.requests();
      const own = await import('../../ambassador/authenticate/issuer.ts').then((made) =>
        made.signingKey('RS256', 'mine'),
      );
      const jku = `http://127.0.0.1:${stage.issuer.port}/mine`;
      const headers = [{ jwk: own.jwk }, { jku }, { x5u: jku }, { x5c: ['MIIB'] }];
      for (const header of headers) await stage.denied(bearer(await mint(own, { header })), 401);
      const odd = { crit: ['urn:odd'], 'urn:odd': 1 };
      await stage.denied(bearer(await mint(stage.keys.corp, { header: odd })), 401);
      assert.ok(stage.issuer.requests() - before <= 1, 'no fetch of what a token names');
    },
  },
  {
    number: 20,
    title: "wrong iss or aud, no exp, future nbf, the other issuer's key",
    async run(stage) {
      const wrong = [
        { iss: 'https://idp.example/' },
        { iss: 'https://evil.example' },
        { iss: undefined },
        { aud: 'other' },
        { aud: undefined },
        { aud: [] },
        { exp: undefined },
        { exp: now() - 120 },
        { exp: 'tomorrow' },
        { nbf: now() + 600 },
        { iat: now() + 600, nbf: now() + 600 },
      ];
      for (const claims of wrong) await stage.denied(bearer(await stage.token(claims)), 401);
      await stage.denied(bearer(await mint(stage.keys.other)), 401);
      const otherIssuer = { iss: 'https://other.example' };
      await stage.denied(bearer(await stage.token(otherIssuer), '/other/a'), 401);
      await works(stage, await mint(stage.keys.other, { claims: otherIssuer }), '/other/a');
    },
  },
  {
    number: 21,
    title: '1,000 tokens with key ids of their own, the JWKS up and down',
    async run(stage) {
      const good = await stage.token();
      await works(stage, good);
      for (const up of [true, false]) {
        if (!up) stage.issuer.respond((_request, response) => response.writeHead(500).end());
        const before = stage.issuer.requests();
        for (let i = 0; i < 500; i += 50) {
          const flood = await Promise.all(
            Array.from({ length: 50 }, () =>
              mint(stage.keys.corp, { header: { kid: randomUUID() } }),
            ),
          );
          const heard = await Promise.all(flood.map((token) => stage.send(bearer(token))));
          for (const { answers } of heard) {
            assert.ok([401, 503].includes(answers[0]?.status ?? 0), `${answers[0]?.status}`);
          }
        }
        assert.ok(stage.issuer.requests() - before <= 1, 'one fetch for all of them');
        await works(stage, good);
        await works(stage, await stage.token({ sub: `fresh-${up}` }));
      }
      stage.issuer.respond(answerJson(jwks(stage.keys.corp, stage.keys.other)));
    },
  },
  {
    number: 23,
    title: 'a token that is known from one route is used on another',
    async run(stage) {
      const token = await stage.token();
      await works(stage, token);
      await stage.denied(bearer(token, '/admin/a'), 403);
      await stage.denied(bearer(token, '/other/a'), 401);
      await stage.denied(bearer(token, '/corp-mail/a'), 403);
      const admin = await stage.token({ groups: ['admin'] });
      await works(stage, admin, '/admin/a');
      await stage.denied(bearer(token, '/admin/a'), 403);
    },
  },
  {
    number: 24,
    title: 'the introspection endpoint is slow, broken, redirects, or answers nonsense',
    async run(stage) {
      const answers: Parameters<Stage['introspection']['respond']>[0][] = [
        () => {},
        (_request, response) => response.writeHead(500).end('{"active":true}'),
        (_request, response) =>
          response.writeHead(302, { location: '/yes' }).end('{"active":true}'),
        (_request, response) => response.end(`{"active":true,"x":"${'y'.repeat(5_000_000)}"}`),
        (_request, response) => response.end('{"active":tru'),
        (_request, response) => response.end('[]'),
        (_request, response) => response.end('{"active":"true"}'),
        (_request, response) => response.socket?.destroy(),
      ];
      for (const answer of answers) {
        stage.introspection.respond(answer);
        await stage.denied(bearer(randomUUID(), '/asked/a'), 503, 401);
      }
      stage.introspection.respond((_request, response) => response.end('{"active":true}'));
      await stage.denied(bearer(randomUUID(), '/asked/a'), 503, 401);
      stage.introspection.respond(answerJson({ active: true, sub: 'joe', exp: now() + 60 }));
      await works(stage, randomUUID(), '/asked/a');
    },
  },
  {
    number: 30,
    title: "a session cookie of the caller's own making",
    async run(stage) {
      const cookies = ['_oauth2_proxy=a', 'session=a', '__Host-session=joe', 'podmates=a'];
      for (const cookie of cookies) {
        await stage.denied(request('GET /private/a HTTP/1.1', [`Cookie: ${cookie}`]), 401);
      }
    },
  },
  {
    number: 33,
    title: 'a path or claim that makes a rule compute for ever',
    async run(stage) {
      const started = performance.now();
      const deep = `/public/${'a/'.repeat(4000)}!`;
      await stage.send(request(`GET ${deep} HTTP/1.1`));
      await stage.denied(request(`GET /private/${'aaaaaaaaaa'.repeat(800)}! HTTP/1.1`), 401);
      await stage.denied(request(`GET /${'a/'.repeat(4000)}! HTTP/1.1`), 403);
      const email = `${'a'.repeat(4000)}!`;
      await stage.denied(bearer(await stage.token({ email }), '/corp-mail/a'), 401, 403);
      assert.ok(performance.now() - started < 5000);
    },
  },
  {
    number: 34,
    title: 'floods of passwords, a password of 8 KB, unknown users',
    async run(stage) {
      const basic = (user: string, password: string) => {
        const text = Buffer.from(`${user}:${password}`).toString('base64');
        return request('GET /users/a HTTP/1.1', [`Authorization: Basic ${text}`]);
      };
      const first = await stage.send(basic('joe', 'sesame'));
      assert.equal(first.answers[0]?.status, 200, first.raw);
      await stage.denied(basic('joe', 'x'.repeat(8000)), 401);
      await stage.denied(basic('nobody', 'x'), 401);
      stage.app.forget();
      const flood = Array.from({ length: 60 }, (_, i) => stage.send(basic(`user${i}`, 'guess')));
      const others = stage.send(request('GET /public/a HTTP/1.1'));
      assert.equal((await others).answers[0]?.status, 200, 'others are served meanwhile');
      const statuses = (await Promise.all(flood)).map(({ answers }) => answers[0]?.status ?? 0);
      assert.ok(
        statuses.every((status) => [401, 429, 503].includes(status)),
        statuses.join(),
      );
      assert.doesNotMatch(stage.app.bytes(), /users/);
      const slowed = await stage.denied(basic('joe', 'guess'), 429);
      assert.match(slowed.raw, /^retry-after: \d+/im);
    },
  },
];
