import { freePorts, type Program, startProgram, temporaryDirectory } from './program.ts';

/** A cluster of one etcd. */
export async function startEtcd(): Promise<Program> {
  const [client = 0, peer = 0] = await freePorts(2);
  const directory = await temporaryDirectory('etcd');
  const url = `http://127.0.0.1:${client}`;
  const peers = `http://127.0.0.1:${peer}`;
  const options = {
    'data-dir': directory,
    'listen-client-urls': url,
    'advertise-client-urls': url,
    'listen-peer-urls': peers,
    'initial-advertise-peer-urls': peers,
    'initial-cluster': `default=${peers}`,
  };
  return startProgram({
    command: 'etcd',
    args: Object.entries(options).map(([name, value]) => `--${name}=${value}`),
    directory,
    url,
    ready: `${url}/health`,
  });
}
