import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const runFile = promisify(execFile);

/** Opens a page in Debian's chromium, gives it time to draw, and does one thing with it. */
async function openPage(url: string, ...does: readonly string[]): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), 'podmates-chromium-'));
  try {
    const { stdout } = await runFile(
      'chromium',
      [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
        ...['--hide-scrollbars', '--virtual-time-budget=8000', `--user-data-dir=${profile}`],
        ...does,
        url,
      ],
      { timeout: 60_000, maxBuffer: 32 * 1024 * 1024 },
    );
    return stdout;
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

export async function takePicture(url: string, file: string): Promise<void> {
  await openPage(url, '--window-size=1100,840', `--screenshot=${file}`);
}

/** The page as it stands when its scripts have run. */
export function readPage(url: string): Promise<string> {
  return openPage(url, '--dump-dom');
}
