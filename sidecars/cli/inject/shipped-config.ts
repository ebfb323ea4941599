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
  /** Containers whose page the adapter could join, but does not. */
  readonly unjoined: readonly KindName[];
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
  const admin = {
    'log-tail': adminPort('log-tail'),
    ambassador: adminPort('ambassador'),
    adapter: adminPort('adapter'),
  };
  return {
    text,
    containers,
    ports: {
      admin,
      ambassador: portOf(section('ambassador')['listen']) ?? defaultPorts.ambassador,
    },
    logs: logFolders(section('log-tail')),
    unjoined: unjoinedPages(section('adapter'), containers, admin),
  };
}

/** What to add to the sources, for each of `containers` that Prometheus would not see. */
export function unjoinedHints(
  { unjoined, ports }: ShippedConfig,
  containers: readonly KindName[],
): string[] {
  if (!containers.includes('adapter')) return [];
  return unjoined
    .filter((name) => containers.includes(name))
    .map((name) => {
      const source = `${sectionOfKind(name)}: {url: "http://127.0.0.1:${ports.admin[name]}/metrics", format: prometheus}`;
      return `the adapter does not join the page of ${name}, so Prometheus will not see it; add to adapter.sources:\n    ${source}`;
    });
}

function unjoinedPages(
  adapter: Readonly<Record<string, unknown>>,
  containers: readonly KindName[],
  admin: Ports['admin'],
): KindName[] {
  const urls = Object.values(field(adapter['sources']))
    .filter((source) => field(source)['format'] === 'prometheus')
    .map((source) => String(field(source)['url']));
  // What a variable without a default stands for is not known here: it may be any page.
  const joins = (port: number) =>
    urls.some((url) => new RegExp(`:${port}\\b|\\$\\{\\w+\\}`).test(url));
  return containers.filter((name) => {
    const port = admin[name];
    return name !== 'adapter' && port !== undefined && !joins(port);
  });
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
