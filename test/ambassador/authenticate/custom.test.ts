import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  type Answer,
  type AuthenticatorDefinition,
  defineAuthenticator,
} from '../../../sidecars/ambassador/authenticate/define.ts';
import { brief, provider } from './ask.ts';
import { testFile } from './file.ts';

const own = (
  test: TestContext,
  definition: Partial<AuthenticatorDefinition>,
  more: Readonly<Record<string, unknown>> = {},
) => {
  const badge: AuthenticatorDefinition = {
    credentialHeaders: ['X-Badge'],
    authenticate: () => undefined,
    ...definition,
  };
  return provider(test, { type: 'custom', use: 'badge', ...more }, { authenticators: { badge } });
};

test('a module of TypeScript says who is asking, with its own options', async (t) => {
  const directory = dirname(testFile(t, '').path);
  const path = join(directory, 'badge.ts');
  writeFileSync(
    path,
    `import { defineAuthenticator } from 'podmates/ambassador';
    export default defineAuthenticator({
      challenge: 'Badge',
      credentialHeaders: ['X-Badge'],
      authenticate(inquiry, { options }: { options: unknown }) {
        const badge = inquiry.header('x-badge');
        if (badge === undefined) return undefined;
        const { colour } = options as { colour: string };
        return badge === colour ? { subject: 'vip', groups: ['guests'] } : { rejected: 'badge' };
      },
    });`,
  );
  const it = await provider(t, { type: 'custom', module: path, options: { colour: 'gold' } });
  assert.equal(brief(await it.ask({ 'x-badge': 'gold' })), 'vip');
  assert.equal(brief(await it.ask({ 'x-badge': 'tin' })), 'rejected: badge');
  assert.equal(brief(await it.ask()), 'absent');
  assert.equal(it.challenge, 'Badge');
  assert.deepEqual(it.credentialHeaders, ['x-badge']);
  assert.equal(it.check?.().ok, true);
});

const answers: readonly (readonly [string, Answer, string])[] = [
  ['nothing', undefined, 'absent'],
  ['a caller', { subject: 'vip' }, 'vip'],
  ['a refusal', { rejected: 'forged' }, 'rejected: forged'],
  ['a prohibition', { forbidden: 'night' }, 'forbidden: night'],
  ['a caller with a line end', { subject: 'a\nb' }, 'rejected: malformed_claims'],
  ['a group with a line end', { subject: 'a', groups: ['x\r'] }, 'rejected: malformed_claims'],
  ['a caller of yesterday', { subject: 'a', expiresAt: 1 }, 'rejected: expired'],
];

for (const [what, answer, expected] of answers) {
  test(`${what} is taken as ${expected}, at once or later`, async (t) => {
    assert.equal(brief(await (await own(t, { authenticate: () => answer })).ask()), expected);
    const later = await own(t, { authenticate: async () => answer });
    assert.equal(brief(await later.ask()), expected);
  });
}

test('what it throws, and what it does not answer in time, decides nothing', async (t) => {
  const throwing = await own(t, {
    authenticate() {
      throw new Error('no');
    },
  });
  assert.equal(brief(await throwing.ask()), 'undecided: threw');
  const silent = await own(
    t,
    { authenticate: () => new Promise<Answer>(() => {}) },
    { timeout: '50ms' },
  );
  assert.equal(brief(await silent.ask()), 'undecided: timeout');
});

test('its answers are remembered by its headers when asked for', async (t) => {
  let asked = 0;
  const authenticate = () => ({ subject: `caller-${++asked}` });
  const it = await own(t, { authenticate }, { cache: { ttl: '1h' } });
  const show = async (badge: string) => brief(await it.ask({ 'x-badge': badge }));
  assert.equal(await show('a'), 'caller-1');
  assert.equal(await show('a'), 'caller-1');
  assert.equal(await show('b'), 'caller-2');
});

test('callers who show none of its headers are never taken for one another', async (t) => {
  let asked = 0;
  const authenticate = () => ({ subject: `caller-${++asked}` });
  for (const credentialHeaders of [['X-Badge'], []]) {
    const it = await own(t, { authenticate, credentialHeaders }, { cache: { ttl: '1h' } });
    assert.notEqual(brief(await it.ask()), brief(await it.ask()));
  }
});

test('header names may be written in any case', async (t) => {
  const it = await own(t, {
    authenticate: (inquiry) => ({ subject: inquiry.header('X-BADGE') ?? 'nobody' }),
  });
  assert.equal(brief(await it.ask({ 'x-badge': 'gold' })), 'gold');
});

test('one that was not given is an error that names it', async (t) => {
  const missing = provider(t, { type: 'custom', use: 'badge' });
  await assert.rejects(missing, /auth\.it\.use: no authenticator "badge" was given/);
});

test('a module that exports something else stops the start', async (t) => {
  const path = join(dirname(testFile(t, '').path), 'odd.js');
  writeFileSync(path, 'export default 7;');
  await assert.rejects(provider(t, { type: 'custom', module: path }), /no defineAuthenticator/);
});

test('it starts once with its options, and stops', async (t) => {
  const seen: unknown[] = [];
  const it = await own(
    t,
    defineAuthenticator({
      credentialHeaders: [],
      start: ({ options }) => void seen.push(options),
      stop: () => void seen.push('stopped'),
      authenticate: () => undefined,
    }),
    { options: { a: 1 } },
  );
  await it.stop?.();
  assert.deepEqual(seen, [{ a: 1 }, 'stopped']);
});
