import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { startContainer } from '../container-process.ts';

for (const [host, exposed] of [
  ['0.0.0.0', true],
  ['::', true],
  ['127.0.0.1', false],
] as const) {
  test(`attack 40: an app that listens on ${host} ${exposed ? 'is warned about' : 'is well'}`, async () => {
    const app = createServer();
    await new Promise<void>((resolve) => app.listen(0, host, resolve));
    const { port } = app.address() as AddressInfo;
    const container = await startContainer(
      'ambassador',
      `ambassador: {listen: "127.0.0.1:0", admin: false, upstream: "http://127.0.0.1:${port}",
        shutdown: {delay: 0ms}, routes: [{path: /, public: true}]}`,
    );
    const warnings = () =>
      container.diagnostics.filter(({ msg }) => String(msg).includes('past the ambassador'));
    if (exposed) await awaitUntil(() => warnings().length === 1, { what: 'the warning' });
    await container.stop();
    assert.equal(warnings().length, exposed ? 1 : 0);
    app.close();
  });
}
