import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { awaitUntil } from '../await-until.ts';
import { installPackages } from './install.ts';

export interface SyslogMessage {
  readonly priority: number;
  readonly time: string;
  readonly host: string;
  readonly app: string;
  readonly message: string;
}

export interface SyslogReceiver {
  readonly tcp: number;
  readonly udp: number;
  /** undefined when it was not built with TLS. */
  readonly tls: number | undefined;
  messages(): readonly SyslogMessage[];
  stop(): Promise<void>;
  restart(): Promise<void>;
}

export type StartReceiver = (directory: string) => Promise<SyslogReceiver>;

const separator = '\u0001';
const terminator = '\u0002\n';

/** Debian's rsyslog with TCP and UDP inputs. */
export const startRsyslog: StartReceiver = async (directory) => {
  installPackages('rsyslog');
  const [tcp, udp] = [await freePort(), await freePort()];
  const output = join(directory, 'out');
  const template = ['pri', 'timereported:::date-rfc3339', 'hostname', 'app-name', 'msg']
    .map((name) => `%${name}%`)
    .join(separator);
  const file = write(
    directory,
    'rsyslog.conf',
    `global(workDirectory="${directory}" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off")
module(load="imtcp") module(load="imudp")
template(name="all" type="string" string="${template}${terminator.replace('\n', '\\n')}")
ruleset(name="all") { action(type="omfile" file="${output}" template="all") }
input(type="imtcp" port="${tcp}" address="127.0.0.1" ruleset="all")
input(type="imudp" port="${udp}" address="127.0.0.1" ruleset="all")
`,
  );
  const start = () =>
    spawn('/usr/sbin/rsyslogd', ['-n', '-f', file, '-i', join(directory, 'pid')], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  return runReceiver(start, output, { tcp, udp, tls: undefined });
};

/**
 * Debian's syslog-ng with TCP, UDP and TLS inputs. Its package conflicts with rsyslog's, so it is
 * unpacked into a folder and not installed.
 */
export const startSyslogNg: StartReceiver = async (directory) => {
  const root = unpackSyslogNg(directory);
  const [tcp, udp, tls] = [await freePort(), await freePort(), await freePort()];
  const output = join(directory, 'out');
  const fields = ['$PRI', '$ISODATE', '$HOST', '$PROGRAM', '$MSG'].join(separator);
  const { key, cert } = makeCertificate(directory);
  const source = (transport: string, port: number, more = '') =>
    `syslog(transport("${transport}") ip("127.0.0.1") port(${port}) ${more});`;
  const file = write(
    directory,
    'syslog-ng.conf',
    `@version: 3.38
options { keep-hostname(yes); keep-timestamp(yes); chain-hostnames(no); frac-digits(3); time-zone("UTC"); log-msg-size(65536); };
source all {
  ${source('tcp', tcp)}
  ${source('udp', udp)}
  ${source('tls', tls, `tls(key-file("${key}") cert-file("${cert}") peer-verify(optional-untrusted))`)}
};
destination all { file("${output}" template("${fields}${terminator.replace('\n', '\\n')}")); };
log { source(all); destination(all); };
`,
  );
  const libraries = [
    'usr/lib',
    'usr/lib/syslog-ng',
    'usr/lib/x86_64-linux-gnu',
    'lib/x86_64-linux-gnu',
  ];
  const path = libraries.map((folder) => join(root, folder)).join(':');
  const inDirectory = (name: string) => join(directory, name);
  const args = [
    ...['-F', '-e', '--no-caps', '-f', file],
    ...['--persist-file', inDirectory('persist'), '--pidfile', inDirectory('pid')],
    ...['--control', inDirectory('control'), '--module-path', join(root, 'usr/lib/syslog-ng/3.38')],
  ];
  const start = () =>
    spawn(join(root, 'usr/sbin/syslog-ng'), args, {
      env: { ...process.env, LD_LIBRARY_PATH: path },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
  return runReceiver(start, output, { tcp, udp, tls });
};

function unpackSyslogNg(directory: string): string {
  const folder = join(directory, 'packages');
  const root = join(directory, 'root');
  mkdirSync(folder);
  const run = (command: string, ...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const without = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'];
  const depends = run(
    'apt-cache',
    ...['depends', '--recurse', ...without.map((kind) => `--no-${kind}`), 'syslog-ng-core'],
  );
  const libraries = depends.split('\n').filter((name) => /^lib(?!c6$|gcc)/.test(name));
  run('apt-get', 'download', 'syslog-ng-core', ...new Set(libraries));
  const packages = readdirSync(folder);
  if (packages.length < 2) throw new Error('syslog-ng-core could not be downloaded');
  for (const name of packages) run('dpkg', '-x', name, root);
  return root;
}

/** For 127.0.0.1, signed by itself. */
function makeCertificate(directory: string): { key: string; cert: string } {
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const { status, stderr } = spawnSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      ...subject,
      '-keyout',
      key,
      '-out',
      cert,
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`openssl: ${stderr}`);
  return { key, cert };
}

async function runReceiver(
  start: () => ChildProcess,
  output: string,
  ports: Pick<SyslogReceiver, 'tcp' | 'udp' | 'tls'>,
): Promise<SyslogReceiver> {
  let child = start();
  const stop = async () => {
    if (child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  };
  const started = () => awaitUntil(() => listens(ports.tcp), { what: 'the receiver listens' });
  await started();
  return {
    ...ports,
    stop,
    async restart() {
      await stop();
      child = start();
      await started();
    },
    messages: () => (existsSync(output) ? readMessages(readFileSync(output, 'utf8')) : []),
  };
}

function readMessages(text: string): SyslogMessage[] {
  return text
    .split(terminator)
    .slice(0, -1)
    .map((row) => {
      const [priority, time = '', host = '', app = '', message = ''] = row.split(separator);
      // rsyslog keeps the blank before MSG
      return { priority: Number(priority), time, host, app, message: message.replace(/^ /, '') };
    });
}

async function listens(port: number): Promise<boolean> {
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return rows.some((row) => row.includes(`${address} 00000000:0000 0A`));
}

function write(directory: string, name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
