import { posix } from 'node:path';
import { parse } from 'yaml';
import { PodmatesError } from '../../core/errors.ts';
import { type KindName, kindNames, sectionOfKind } from '../kinds.ts';
import type { Ports } from './containers.ts';
import { hasMarks } from './marks.ts';

/** What inject reads from the podmates.yaml that it ships in a ConfigMap. */
export interface ShippedConfig {
  readonly text: string;
  /** The containers that have a section. */
  readonly containers: readonly KindName[];
  readonly ports: Ports;
  /** Folders that log-tail reads. */
  readonly logs: readonly string[];
}

const adminPorts: Readonly<Record<KindName, number>> = {
  'log-tail': 7101,
  ambassador: 7102,
  adapter: 7103,
};

export const defaultPorts: Ports = { admin: adminPorts, ambassador: 7100 };

/** @throws PodmatesError ERR_USAGE when the text cannot stand in a manifest */
export function readShippedConfig(text: string, file: string): ShippedConfig {
  if (hasMarks(text)) {
    throw new PodmatesError('ERR_USAGE', `${file}: has comments that begin with "podmates:"`);
  }
  const root = field(parse(text, { logLevel: 'silent' }));
  const containers = kindNames.filter((name) => Object.hasOwn(root, sectionOfKind(name)));
  const section = (name: KindName) => field(root[sectionOfKind(name)]);
  const adminPort = (name: KindName) => {
    const admin = section(name)['admin'];
    return admin === false ? undefined : (portOf(field(admin)['listen']) ?? adminPorts[name]);
  };
  return {
    text,
    containers,
    ports: {
      admin: {
        'log-tail': adminPort('log-tail'),
        ambassador: adminPort('ambassador'),
        adapter: adminPort('adapter'),
      },
      ambassador: portOf(section('ambassador')['listen']) ?? defaultPorts.ambassador,
    },
    logs: logFolders(section('log-tail')),
  };
}

/** `:7103`, `{address: ":7103"}`, and `${LISTEN:-:7103}` alike end in the port. */
function portOf(listen: unknown): number | undefined {
  const text = typeof listen === 'object' ? field(listen)['address'] : listen;
  const port = typeof text === 'string' ? /:(\d+)\}?$/.exec(text)?.[1] : undefined;
  return port === undefined ? undefined : Number(port);
}

function logFolders(section: Readonly<Record<string, unknown>>): string[] {
  const paths = Object.values(field(section['inputs'])).flatMap((input) => {
    const list = field(input)['paths'];
    return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
  });
  const literal = paths.map((path) => path.replace(/\$\{\w+:-([^}]*)\}/g, '$1'));
  const folders = literal.map((path) => posix.dirname(`${path.split(/[*?[{]/)[0]}_`));
  return [...new Set(folders)].filter((folder) => folder.startsWith('/'));
}

function field(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The lines of a document that holds the config file. */
export function configMapLines(
  text: string,
  name: string,
  namespace: string | undefined,
): readonly string[] {
  const lines = text.split(/\r?\n/);
  const ended = lines.at(-1) === '';
  const content = ended ? lines.slice(0, -1) : lines;
  const keep = ended && content.at(-1) === '' ? '+' : ended ? '' : '-';
  const indent = /^\s/.test(text) ? '2' : '';
  return [
    '---',
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata:',
    `  name: ${name}`,
    ...(namespace === undefined ? [] : [`  namespace: ${JSON.stringify(namespace)}`]),
    'data:',
    `  podmates.yaml: |${indent}${keep}`,
    ...content.map((line) => (line === '' ? '' : `    ${line}`)),
  ];
}
