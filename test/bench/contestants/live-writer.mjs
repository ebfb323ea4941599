// Writes numbered lines at a rate, five at a time, and rotates the file by rename or copytruncate.
import { closeSync, copyFileSync, openSync, renameSync, truncateSync, writeSync } from 'node:fs';

const [file, rate, seconds, rotateSeconds, mode] = process.argv.slice(2);
const perMs = Number(rate) / 1000;
const total = Number(rate) * Number(seconds);
let out = openSync(file, 'a');
let number = 0;
let rotation = 0;
const begin = performance.now();
const padding = 'x'.repeat(70);
const turn = () => {
  const now = performance.now() - begin;
  const due = Math.min(total, Math.floor(now * perMs));
  while (number < due) {
    let block = '';
    for (let count = 0; count < 5 && number < due; count++) {
      block += `${number++} ${(performance.timeOrigin + performance.now()).toFixed(3)} ${padding}\n`;
    }
    writeSync(out, block);
  }
  if (now > (rotation + 1) * Number(rotateSeconds) * 1000 && number < total) {
    rotation++;
    if (mode === 'copytruncate') {
      copyFileSync(file, `${file}.${rotation}`);
      truncateSync(file, 0);
    } else {
      closeSync(out);
      renameSync(file, `${file}.${rotation}`);
      out = openSync(file, 'a');
    }
  }
  if (number < total) setTimeout(turn, 1);
  else console.log(JSON.stringify({ written: number, rotations: rotation }));
};
turn();
