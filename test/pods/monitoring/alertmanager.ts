import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { parse, stringify } from 'yaml';
import { projectRoot } from '../machine.ts';
import { type Server, startServer } from './server.ts';

const shipped = join(projectRoot, 'k8s/monitoring/alertmanager/alertmanager.yml');
const rules = join(projectRoot, 'k8s/monitoring/prometheus/rules/podmates.yaml');

/** What a webhook was told. */
export interface Notification {
  readonly status: string;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

export interface Receiver {
  readonly url: string;
  readonly notifications: readonly Notification[];
  close(): Promise<void>;
}

/** Somebody who is told of alerts. */
export async function startReceiver(): Promise<Receiver> {
  const notifications: Notification[] = [];
  const server = createServer(async (request, response) => {
    notifications.push((await json(request)) as Notification);
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return {
    url: `http://127.0.0.1:${address.port}/alerts`,
    notifications,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The real Alertmanager on the configuration of `k8s/`, but for the receiver's address and the pace. */
export async function startAlertmanager(receiver: Receiver): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-alertmanager-'));
  const file = join(folder, 'alertmanager.yml');
  const config = parse(readFileSync(shipped, 'utf8'));
  Object.assign(config.route, { group_wait: '1s', group_interval: '1s' });
  config.receivers[0].webhook_configs[0].url = receiver.url;
  await writeFile(file, stringify(config));
  return startServer('prometheus-alertmanager', [
    `--config.file=${file}`,
    `--storage.path=${join(folder, 'data')}`,
    '--cluster.listen-address=',
  ]);
}

/** A folder with the alert rules of `k8s/`, which wait seconds where they would wait minutes. */
export async function writeImpatientRules(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'podmates-rules-'));
  const text = readFileSync(rules, 'utf8').replace(/\bfor: \d+m$/gm, 'for: 2s');
  await writeFile(join(folder, 'podmates.yaml'), text);
  return folder;
}
