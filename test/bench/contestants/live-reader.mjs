// Reads numbered lines from standard input: which came, which came twice, how late.
let carry = '';
const seen = new Uint8Array(20_000_000);
const late = [];
let lines = 0;
let doubled = 0;
process.stdin.on('data', (chunk) => {
  const now = performance.timeOrigin + performance.now();
  const parts = (carry + chunk.toString('latin1')).split('\n');
  carry = parts.pop() ?? '';
  for (const line of parts) {
    const [number, time] = line.split(' ', 2);
    if (seen[number]) doubled++;
    seen[number] = 1;
    if (lines++ % 100 === 0) late.push(now - Number(time));
  }
});
process.stdin.on('end', () => {
  late.sort((a, b) => a - b);
  const at = (share) => late[Math.floor(late.length * share)] ?? null;
  console.error(JSON.stringify({ lines, doubled, p50: at(0.5), p99: at(0.99) }));
});
