import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readPreset } from '../../../sidecars/adapter/presets/preset.ts';

export interface RecordedApp {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the recorded samples of a preset at the addresses that it asks; all else is 404, empty. */
export async function serveRecorded(preset: string): Promise<RecordedApp> {
  const samples = new Map<string, string>();
  for (const [endpoint, { path, query }] of Object.entries(readPreset(preset).endpoints)) {
    const file = join(import.meta.dirname, 'samples', preset, `${endpoint}.json`);
    if (existsSync(file)) samples.set(keyOf(path, query), readFileSync(file, 'utf8'));
  }
  const server = createServer(({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://recorded');
    const sample = samples.get(keyOf(pathname, Object.fromEntries(searchParams)));
    response.writeHead(sample === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(sample);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function keyOf(path: string, query: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams(query)}`;
}
