import { closeSync, openSync, statSync, writeSync } from 'node:fs';

const paths = ['/', '/api/orders', '/api/orders/17', '/static/app.js', '/healthz', '/login'];
const methods = ['GET', 'GET', 'GET', 'POST', 'PUT'];
const statuses = [200, 200, 200, 200, 201, 301, 404, 500];

/** An access log line as nginx's `combined` format writes it. */
export function accessLine(number: number): string {
  const address = `10.${number % 200}.${(number * 7) % 250}.${(number * 13) % 250}`;
  const method = methods[number % methods.length];
  const path = paths[(number * 5) % paths.length];
  const status = statuses[(number * 11) % statuses.length];
  return `${address} - - [22/Nov/2026:10:00:${String(number % 60).padStart(2, '0')} +0000] "${method} ${path} HTTP/1.1" ${status} ${number % 5000} "-" "curl/8.5.0" ${number}\n`;
}

/** A line as pino writes it; about one in seven is a warning or worse. */
export function pinoLine(number: number): string {
  const level = number % 14 === 0 ? 50 : number % 14 === 7 ? 40 : 30;
  return `${JSON.stringify({
    level,
    time: 1_763_800_000_000 + number,
    pid: 17,
    hostname: 'orders-7d9f',
    reqId: `req-${number}`,
    req: { method: 'GET', url: `/api/orders/${number % 1000}`, remoteAddress: '10.1.2.3' },
    responseTime: (number % 997) / 10,
    msg: 'request completed',
  })}\n`;
}

export interface LogFile {
  readonly file: string;
  readonly lines: number;
  readonly bytes: number;
}

/** Writes lines until the file has the given size. */
export function writeLog(file: string, bytes: number, line: (number: number) => string): LogFile {
  const target = openSync(file, 'w');
  let lines = 0;
  for (let written = 0; written < bytes; ) {
    let block = '';
    while (block.length < 1 << 20) block += line(lines++);
    written += writeSync(target, block);
  }
  closeSync(target);
  return { file, lines, bytes: statSync(file).size };
}
