// The straightforward way: parse every line, keep what matters, write it with two more fields.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

let out = '';
for await (const line of createInterface({ input: createReadStream(process.argv[2]) })) {
  const record = JSON.parse(line);
  if (record.level < 40) continue;
  out += `${JSON.stringify({ ...record, pod: 'orders-1', namespace: 'shop' })}\n`;
  if (out.length > 65_536) {
    if (!process.stdout.write(out))
      await new Promise((resolve) => process.stdout.once('drain', resolve));
    out = '';
  }
}
process.stdout.write(out);
setInterval(() => {}, 1000); // stays, as a follower does
