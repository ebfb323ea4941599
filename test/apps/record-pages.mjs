import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { basename, join } from 'node:path';

/**
 * Loaded in front of a test file (`node --import`), this keeps every page that is written in it, and
 * the same families in the other format, in the folder PODMATES_PAGES_FOLDER.
 */
const folder = process.env.PODMATES_PAGES_FOLDER ?? '';
/** The property tests make thousands; so many of each process stand for all. */
const most = 60;
const tests = process.argv.find((argument) => argument.endsWith('.test.ts')) ?? 'container';
const writer = 'export function encodePage(';
let kept = 0;

globalThis.recordPage = (families, format, write) => {
  if (kept >= most) return;
  for (const kind of ['text', 'openmetrics']) {
    // Prometheus 2 knows no names in quotes; 3 asks for them.
    if (format.escaping === 'allow-utf-8') return;
    const page = write(families, { ...format, kind }).toString('utf8');
    const name = `${basename(tests, '.test.ts')}-${createHash('sha1').update(page).digest('hex')}`;
    const file = join(folder, kind, name);
    if (page === '' || page === '# EOF\n' || existsSync(file)) continue;
    mkdirSync(join(folder, kind), { recursive: true });
    writeFileSync(file, page);
    kept += 1;
  }
};

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith('/sidecars/adapter/publish/write.ts')) return loaded;
    const recording = `export function encodePage(families: readonly Family[], format: Format): Buffer {
  globalThis.recordPage(families, format, unrecorded);
  return unrecorded(families, format);
}
function unrecorded(`;
    const source = String(loaded.source);
    if (!source.includes(writer)) throw new Error(`${url} has no "${writer}" any more`);
    return { ...loaded, source: source.replace(writer, recording) };
  },
});
