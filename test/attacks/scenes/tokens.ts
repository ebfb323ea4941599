import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { exportJWK, exportSPKI, importJWK } from 'jose';
import {
  assemble,
  goodClaims,
  mint,
  now,
  signingKey,
} from '../../ambassador/authenticate/issuer.ts';
import type { Attack } from '../attack.ts';
import type { Stage } from '../stage.ts';
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
      const own = await signingKey('RS256', 'mine');
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
    title:
      "wrong iss or aud, no exp, future nbf, the other issuer's key, an ID token for an access token",
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
      for (const typ of [undefined, 'JWT', 'id+jwt', 'at+jwt2']) {
        const header = typ === undefined ? {} : { typ };
        await stage.denied(bearer(await mint(stage.keys.corp, { header }), '/access/a'), 401);
      }
      const access = await mint(stage.keys.corp, { header: { typ: 'at+jwt' } });
      await works(stage, access, '/access/a');
    },
  },
  {
    number: 21,
    title: '1,000 tokens with key ids of their own',
    async run(stage) {
      const good = await stage.token();
      await works(stage, good);
      const before = stage.issuer.requests();
      for (let i = 0; i < 1000; i += 50) {
        const flood = await Promise.all(
          Array.from({ length: 50 }, () =>
            mint(stage.keys.corp, { header: { kid: randomUUID() } }),
          ),
        );
        stage.app.forget();
        const heard = await Promise.all(flood.map((token) => stage.send(bearer(token))));
        for (const { answers } of heard) assert.equal(answers[0]?.status, 401);
        assert.equal(stage.app.bytes(), '');
      }
      assert.ok(
        stage.issuer.requests() - before <= 2,
        'one fetch for all of them, by either way in',
      );
      await works(stage, good);
      await works(stage, await stage.token({ sub: 'fresh' }));
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
      assert.equal((await stage.send(request(`GET ${deep} HTTP/1.1`))).answers[0]?.status, 200);
      await stage.denied(request(`GET /private/${'aaaaaaaaaa'.repeat(800)}! HTTP/1.1`), 401);
      await stage.denied(request(`GET /${'a/'.repeat(4000)}! HTTP/1.1`), 403);
      const email = `${'a'.repeat(4000)}!`;
      await stage.denied(bearer(await stage.token({ email }), '/corp-mail/a'), 401);
      assert.ok(performance.now() - started < 5000);
    },
  },
  {
    number: 47,
    title:
      'tokens made oddly: five parts, padding, b64, zip, nested, kid as a path, zeros for a signature',
    async run(stage) {
      const good = await stage.token();
      const [head = '', body = '', seal = ''] = good.split('.');
      const texts = [
        `${head}.${body}.`,
        `${head}.${body}`,
        `${good}.`,
        `.${body}.${seal}`,
        `${good}.a.b`,
        `${head}=.${body}.${seal}`,
        `${head}.${body}.${seal}=`,
        `${head}.${body}. ${seal}`,
        `${good},${good}`,
        `"${good}"`,
        'x'.repeat(15_000),
        `${head}.${'a'.repeat(14_000)}.${seal}`,
      ];
      for (const text of texts) await stage.denied(bearer(text), 401);
      const zeros = () => Buffer.alloc(64); // r = s = 0, CVE-2022-21449
      const claims = goodClaims({ iss: 'https://other.example' });
      for (const header of [
        { alg: 'ES256', kid: 'other' },
        { alg: 'ES256' },
        { alg: 'ES256', kid: ['other'] },
        { alg: 'ES256', kid: '../../../../dev/null' },
        { alg: 'ES256', kid: "' OR 1=1 --" },
        { alg: 'ES256', kid: 'other', b64: false },
        { alg: 'ES256', kid: 'other', zip: 'DEF' },
        { alg: 'ES256', kid: 'other', cty: 'JWT' },
        { alg: ['ES256'], kid: 'other' },
        { alg: 'es256', kid: 'other' },
      ]) {
        await stage.denied(bearer(assemble(header, claims, zeros), '/other/a'), 401);
        await stage.denied(bearer(assemble(header, claims), '/other/a'), 401);
      }
      for (const kid of ['../corp', 'CORP', '', 'corp\0']) {
        await stage.denied(bearer(await mint(stage.keys.corp, { header: { kid } })), 401);
      }
      await works(stage, good);
    },
  },
];
