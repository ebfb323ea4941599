import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, type Program, startProgram, temporaryDirectory } from './program.ts';

/** HAProxy whose front end asks one server that is there and one that is not. */
export async function startHaproxy(): Promise<Program> {
  const [front = 0, stats = 0, dead = 0] = await freePorts(3);
  const directory = await temporaryDirectory('haproxy');
  const config = join(directory, 'haproxy.cfg');
  await writeFile(
    config,
    `defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend shop
  bind 127.0.0.1:${front}
  default_backend apps
backend apps
  server alive 127.0.0.1:${stats} check inter 100ms
  server dead 127.0.0.1:${dead} check inter 100ms
frontend stats
  bind 127.0.0.1:${stats}
  stats enable
  stats uri /stats
`,
  );
  const url = `http://127.0.0.1:${stats}`;
  const program = await startProgram({
    command: 'haproxy',
    args: ['-f', config, '-db'],
    directory,
    url,
    ready: `${url}/stats;json`,
  });
  for (let count = 0; count < 3; count++) await fetch(`http://127.0.0.1:${front}/`);
  return program;
}
