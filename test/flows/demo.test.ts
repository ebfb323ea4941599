import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { startDemo } from './demo-process.ts';

test('the demo ends by itself with 0 when every promise was kept', async (t) => {
  const demo = startDemo(t, ['--seconds', '4', '--port', '0']);
  assert.equal(await demo.ended, 0, demo.said());
  for (const promise of [
    /ok +every line came out once: \d+ written through [1-9]\d* rotations, 0 missing, 0 repeated/,
    /ok +no refused request reached the app: \d+ let in, \d+ turned away, 0 of those seen/,
    /ok +the app's numbers stand in the metrics page: 11 of 11 agree/,
    /ok +the containers stopped when asked: ambassador 0, adapter 0, log-tail 0/,
  ]) {
    assert.match(demo.said(), promise);
  }
});

test('its page comes whole from this machine, and shows moments that move on', async (t) => {
  const demo = startDemo(t, ['--port', '0']);
  const url = await demo.page();
  const page = await (await fetch(url)).text();
  const wanted = [...page.matchAll(/(?:src|href)="([\w./-]+)"/g)].map(([, path = '']) => path);
  assert.deepEqual(wanted.sort(), ['page.css', 'page.js', 'uplot.css']);
  const imported = ['documents.js', 'drawing.js', 'plots.js', 'uplot.js'];
  for (const path of [...wanted, ...imported]) {
    const response = await fetch(`${url}/${path}`);
    assert.equal(response.status, 200, path);
    assert.doesNotMatch(await response.text(), /["'(]https?:\/\/(?!www\.w3\.org\/2000\/svg)/, path);
  }
  const { first, last } = await watchUntilTurnedAway(`${url}/moments`);
  assert.ok(last.time > first.time);
  assert.ok(last.letIn >= first.letIn);
  assert.ok(last.page.length >= 10, 'the app has its metrics');
  assert.equal(await demo.interrupt(), 0, demo.said());
});

test('a port that is taken is not a reason to fail, unless it was asked for', async (t) => {
  const occupant = createServer().listen(0, '127.0.0.1');
  t.after(() => occupant.close());
  await once(occupant, 'listening');
  const address = occupant.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const demo = startDemo(t, ['--port', port]);
  assert.equal(await demo.ended, 1);
  assert.match(
    demo.said(),
    new RegExp(`cannot show the page on port ${port}: .*EADDRINUSE.*--port`),
  );
});

interface Seen {
  readonly time: number;
  readonly letIn: number;
  readonly refusedByReason: Readonly<Record<string, number>>;
  readonly page: readonly string[];
}

/** The moments up to one by which somebody was turned away: before it, the demo has shown nothing. */
async function watchUntilTurnedAway(url: string): Promise<{ first: Seen; last: Seen }> {
  const response = await fetch(url);
  let first: Seen | undefined;
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const moment: Seen = JSON.parse(event.replace(/^data: /, ''));
      const turnedAway = Object.values(moment.refusedByReason).some((count) => count > 0);
      if (first !== undefined && turnedAway) return { first, last: moment };
      first ??= moment;
    }
  }
  throw new Error('the moments ended before anybody was turned away');
}
