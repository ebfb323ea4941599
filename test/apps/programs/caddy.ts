import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, type Program, startProgram, temporaryDirectory } from './program.ts';

/** Caddy as a reverse proxy with one server that is there and one that is not. */
export async function startCaddy(): Promise<Program> {
  const [admin = 0, front = 0, alive = 0, dead = 0] = await freePorts(4);
  const directory = await temporaryDirectory('caddy');
  const config = join(directory, 'Caddyfile');
  await writeFile(
    config,
    `{
  admin 127.0.0.1:${admin}
  auto_https off
}
http://127.0.0.1:${front} {
  reverse_proxy 127.0.0.1:${alive} 127.0.0.1:${dead} {
    lb_policy round_robin
    fail_duration 1m
  }
}
http://127.0.0.1:${alive} {
  respond "hello"
}
`,
  );
  const url = `http://127.0.0.1:${admin}`;
  const program = await startProgram({
    command: 'caddy',
    args: ['run', '--config', config, '--adapter', 'caddyfile'],
    directory,
    url,
    ready: `${url}/reverse_proxy/upstreams`,
  });
  for (let count = 0; count < 3; count++) await fetch(`http://127.0.0.1:${front}/`);
  return program;
}
