// Writes log files, rotates them by itself, and has no other way to say how it is.
import { appendFileSync, renameSync } from 'node:fs';

const log = '/var/log/shop/billing.log';
const countries = ['de', 'us', 'jp', 'test'];
let number = 0;

function write(level, message, fields = {}) {
  const time = new Date().toISOString();
  appendFileSync(log, `${JSON.stringify({ time, level, message, ...fields })}\n`);
}

const work = setInterval(() => {
  number += 1;
  const ms = 4 + (number % 10) * 3;
  write('debug', 'looking for unpaid orders');
  write('info', 'invoice written', { number, ms, country: countries[number % countries.length] });
  if (number % 50 === 0) write('warn', 'the printer is slow', { number });
  if (number % 200 === 0) renameSync(log, `${log}.1`);
}, 50);

process.once('SIGTERM', () => {
  clearInterval(work);
  write('info', 'billing ends', { number });
});
