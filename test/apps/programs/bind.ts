import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, type Program, startProgram, temporaryDirectory } from './program.ts';

/** named, which serves one zone and was asked for a name in it. */
export async function startBind(): Promise<Program> {
  const [dns = 0, stats = 0] = await freePorts(2);
  const directory = await temporaryDirectory('bind');
  const config = join(directory, 'named.conf');
  await writeFile(
    join(directory, 'shop.zone'),
    '$TTL 60\n@ IN SOA ns.shop.test. root.shop.test. 1 60 60 60 60\n@ IN NS ns.shop.test.\nns IN A 127.0.0.1\n',
  );
  await writeFile(
    config,
    `options {
  directory "${directory}"; pid-file none; session-keyfile none; managed-keys-directory "${directory}";
  listen-on port ${dns} { 127.0.0.1; }; listen-on-v6 { none; }; recursion yes; dnssec-validation no;
};
controls { };
statistics-channels { inet 127.0.0.1 port ${stats} allow { 127.0.0.1; }; };
zone "shop.test" { type primary; file "shop.zone"; zone-statistics full; };
`,
  );
  const url = `http://127.0.0.1:${stats}`;
  const program = await startProgram({
    command: 'named',
    args: ['-g', '-c', config],
    directory,
    url,
    ready: `${url}/json/v1/server`,
  });
  await ask(dns);
  return program;
}

/** One query for ns.shop.test, type A (RFC 1035 section 4). */
async function ask(port: number): Promise<void> {
  const name = ['ns', 'shop', 'test'].map((part) => String.fromCharCode(part.length) + part);
  const header = Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const question = Buffer.from(`${name.join('')}\0\0\x01\0\x01`, 'latin1');
  const socket = createSocket('udp4');
  const answered = once(socket, 'message', { signal: AbortSignal.timeout(5000) });
  socket.send(Buffer.concat([header, question]), port, '127.0.0.1');
  await answered;
  socket.close();
}
