import { readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildImages, targets } from '../images.ts';
import { projectRoot } from '../machine.ts';
import { type ImageSize, type Life, live, sizeOf } from './measure-image.ts';

/** How often each image is started; in turn, so that a busy moment of the machine meets all alike. */
const rounds = 5;
/** How long a container rests before its memory is read: what the start needed is given back. */
const restMs = 10_000;

const config = `
version: 1
logTail:
  state: /var/lib/podmates/log-tail
  inputs: { app: { paths: [/var/lib/podmates/*.log] } }
  outputs: { stdout: {} }
ambassador:
  upstream: http://127.0.0.1:8080
  routes: [{ path: /**, public: true }]
adapter:
  sources: { app: { file: /etc/podmates/stats.json, metrics: [{ gauge: answer, value: answer }] } }
`;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

function row(target: string, size: ImageSize, lives: readonly Life[]): string {
  const of = (what: keyof Life) => median(lives.map((one) => one[what]));
  const cells = [
    `\`podmates/${target}\``,
    `${megabytes(size.packedBytes)}, ${megabytes(size.bytes)}`,
    `${seconds(of('startMs'))}, ${seconds(Math.min(...lives.map(({ startMs }) => startMs)))}`,
    `${megabytes(of('residentBytes'))}, ${megabytes(of('ownBytes'))}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

async function measure(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'podmates-figures-'));
  try {
    await chmod(folder, 0o755);
    await writeFile(join(folder, 'podmates.yaml'), config);
    await writeFile(join(folder, 'stats.json'), '{"answer": 42}');
    const lives = new Map(targets.map((target) => [target, [] as Life[]]));
    for (let round = 1; round <= rounds; round += 1) {
      for (const [target, past] of lives) {
        past.push(await live(target, folder, restMs));
        process.stderr.write(`round ${round}: ${target} ${JSON.stringify(past.at(-1))}\n`);
      }
    }
    const rows: string[] = [];
    for (const [target, past] of lives) rows.push(row(target, await sizeOf(target), past));
    return rows.join('\n');
  } finally {
    await rm(folder, { recursive: true });
  }
}

const begin = '<!-- images: npm run figures -->';
const end = '<!-- /images -->';

/** Puts `table` between the two marks of a document. */
function between(document: string, table: string): string {
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no ${begin} … ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${table}\n\n${document.slice(to)}`;
}

await buildImages();
const rows = await measure();
const day = new Date().toISOString().slice(0, 10);
const table = `Medians of ${rounds} containers of each image, under podman on ${cpus().length} cores of
${cpus()[0]?.model ?? 'an unknown processor'}, ${day}; resident memory is read after ${restMs / 1000} s of rest:

| image | packed, unpacked | ready after, at best | resident, of it its own |
| --- | --- | --- | --- |
${rows}`;
const readme = join(projectRoot, 'README.md');
writeFileSync(readme, between(readFileSync(readme, 'utf8'), table));
