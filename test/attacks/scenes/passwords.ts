import assert from 'node:assert/strict';
import type { Attack } from '../attack.ts';
import { longPassword } from '../stage.ts';
import { request } from '../wire.ts';

const basic = (user: string, password: string) => {
  const text = Buffer.from(`${user}:${password}`).toString('base64');
  return request('GET /users/a HTTP/1.1', [`Authorization: Basic ${text}`]);
};

export const passwords: readonly Attack[] = [
  {
    number: 34,
    title:
      'floods of passwords, a password of 8 KB or 1 MB, or one that bcrypt would cut, unknown users',
    async run(stage) {
      const first = await stage.send(basic('joe', 'sesame'));
      assert.equal(first.answers[0]?.status, 200, first.raw);
      const long = await stage.send(basic('ann', longPassword));
      assert.equal(long.answers[0]?.status, 200, long.raw);
      await stage.denied(basic('ann', `${longPassword}x`), 401);
      await stage.denied(basic('joe', 'sesame\0'), 401);
      await stage.denied(basic('joe', 'x'.repeat(8000)), 401);
      await stage.denied(basic('joe', 'x'.repeat(1_000_000)), 431);
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
