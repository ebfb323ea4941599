import {
  closeSync,
  copyFileSync,
  existsSync,
  ftruncateSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Writes `count` numbered lines at a rate, and rotates its log by itself. */
interface Options {
  readonly path: string;
  readonly count: number;
  readonly perSecond: number;
  readonly rotateMs: number;
  readonly how: 'rename' | 'copytruncate';
}

const { path, count, perSecond, rotateMs, how }: Options = JSON.parse(process.argv[2] ?? '{}');
const pad = 'x'.repeat(90);
let fd = openSync(path, 'a');
let rotated = 0;

function rotate(): void {
  for (let old = rotated; old > 0; old--) {
    if (existsSync(`${path}.${old}`)) renameSync(`${path}.${old}`, `${path}.${old + 1}`);
  }
  rotated += 1;
  if (how === 'copytruncate') {
    copyFileSync(path, `${path}.1`);
    ftruncateSync(fd);
    return;
  }
  renameSync(path, `${path}.1`);
  closeSync(fd);
  fd = openSync(path, 'a');
}

const begun = performance.now();
let rotatedAt = begun;
for (let written = 0; written < count; ) {
  const due = Math.min(count, Math.ceil(((performance.now() - begun) / 1000) * perSecond));
  while (written < due) {
    const lines: string[] = [];
    while (written < due && lines.length < 5) lines.push(`${++written} ${pad}\n`);
    writeSync(fd, lines.join(''));
  }
  if (performance.now() - rotatedAt >= rotateMs) {
    rotate();
    rotatedAt = performance.now();
  }
  await pause(1);
}
closeSync(fd);
