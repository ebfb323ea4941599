import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { installPackages } from '../install.ts';
import { readPage, takePicture } from './browser.ts';
import { awaitSamples, graphUrl } from './graph.ts';
import { walk } from './walk.ts';

test('the README as a new user walks it: from JSON stats to a graph in Prometheus', async (t) => {
  installPackages('prometheus', 'chromium');
  const folder = await mkdtemp(join(tmpdir(), 'podmates-picture-'));
  const { draft, page, prometheus, stop } = await walk();
  t.after(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });
  assert.match(draft, /counter: jobs_done_total/);
  assert.match(page, /^# TYPE jobs_done_total counter$/m);

  await awaitSamples(prometheus, 'jobs_done_total', 5);
  const risen = [...(await prometheus.query('increase(jobs_done_total[1m])')).values()];
  assert.equal(risen.length, 1);
  assert.ok((risen[0] ?? 0) > 0, `risen by ${risen[0]}`);

  const url = graphUrl(prometheus, 'jobs_done_total', 60);
  const drawn = await readPage(url);
  assert.match(drawn, /Total time series: 1\b/);
  assert.match(drawn, /<path class="path" d="M[^"]+L/);
  const file = join(folder, 'graph.png');
  await takePicture(url, file);
  assert.equal((await readFile(file)).subarray(1, 4).toString(), 'PNG');
});
