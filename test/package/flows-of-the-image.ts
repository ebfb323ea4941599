// `npm run test:image`: the flows of test/flows once more, on what the images have in /opt/podmates.
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const image = mkdtempSync(join(tmpdir(), 'podmates-image-'));
const node = (args: readonly string[], env: NodeJS.ProcessEnv = process.env): number | null =>
  spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env }).status;
try {
  const made = node(['sidecars/image/make.ts', image]);
  const flows = globSync('test/flows/*.test.ts', { cwd: root }).sort();
  if (made !== 0 || flows.length === 0) throw new Error('nothing to test');
  const options = ['--test-concurrency=2', '--test-timeout=120000', '--test-reporter=spec'];
  const entry = join(image, 'dist/cli/podmates.js');
  process.exitCode =
    node(['--test', ...options, ...flows], { ...process.env, PODMATES_ENTRY: entry }) ?? 1;
} finally {
  rmSync(image, { recursive: true });
}
