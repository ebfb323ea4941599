import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from './podmates.ts';
import { type Program, startProgram } from './program.ts';

/** rsyslog with nothing to do but to copy. */
export function startRsyslog(
  followed: string,
  output: { readonly file: string; readonly core: 0; readonly stdout?: number },
): Program {
  const folder = scratch();
  const config = join(folder, 'rsyslog.conf');
  writeFileSync(
    config,
    `global(workDirectory="${folder}")
module(load="imfile" mode="inotify")
input(type="imfile" File="${followed}" Tag="x")
template(name="raw" type="string" string="%msg%\\n")
action(type="omfile" file="${output.file}" template="raw" ioBufferSize="64k")
`,
  );
  const args = ['-n', '-f', config, '-i', join(folder, 'pid')];
  return startProgram({
    command: 'rsyslogd',
    args,
    core: output.core,
    ...(output.file === '/dev/stdout' && output.stdout !== undefined
      ? { stdout: output.stdout }
      : {}),
  });
}

/** mtail counting what the rule of `metricsConfig` counts. */
export function startMtail(followed: string, port: number): Program {
  const program = join(scratch(), 'access.mtail');
  writeFileSync(program, mtailProgram);
  const args = [
    '--progs',
    program,
    '--logs',
    followed,
    '--port',
    String(port),
    '--address',
    '127.0.0.1',
  ];
  return startProgram({ command: 'mtail', args, core: 0, env: { GOMAXPROCS: '1' } });
}

const mtailProgram = `counter access_requests_total by method, path, class
/"(?P<method>[A-Z]+) (?P<path>\\/[a-z]*)[^ ]* HTTP[^"]*" (?P<class>\\d)\\d\\d / {
  access_requests_total[$method][$path][$class]++
}
`;
