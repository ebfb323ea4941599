// Imports records, logs them, leaves its figures in a file, and ends.
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const folder = '/var/log/import';
const started = Date.now();

function report(records, finished) {
  const progress = { records, finished, seconds: (Date.now() - started) / 1000 };
  writeFileSync(`${folder}/progress.tmp`, JSON.stringify(progress));
  renameSync(`${folder}/progress.tmp`, `${folder}/progress.json`); // never seen half written
}

for (let record = 1; record <= 300; record += 1) {
  appendFileSync(`${folder}/import.log`, `level=info msg="record imported" record=${record}\n`);
  if (record % 50 === 0) report(record, false);
  await pause(10);
}
report(300, true);
