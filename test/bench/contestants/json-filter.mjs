// The straightforward way: parse every line, keep what matters, write it with two more fields.
import { openSync, readSync, writeSync } from 'node:fs';

const file = openSync(process.argv[2], 'r');
const buffer = Buffer.alloc(262_144);
let carry = '';
const turn = () => {
  for (let bytes = 1; bytes > 0; ) {
    bytes = readSync(file, buffer);
    const lines = (carry + buffer.toString('utf8', 0, bytes)).split('\n');
    carry = lines.pop() ?? '';
    let out = '';
    for (const line of lines) {
      const record = JSON.parse(line);
      if (record.level < 40) continue;
      out += `${JSON.stringify({ ...record, pod: 'orders-1', namespace: 'shop' })}\n`;
    }
    if (out !== '') writeSync(1, out);
  }
  setTimeout(turn, 20);
};
turn();
