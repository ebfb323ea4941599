import { Document, isMap, visit, type YAMLMap } from 'yaml';
import { escapeVariables, type WrittenRule } from '../../draft/written.ts';
import { convertConnection } from './connection.ts';
import { convertMetric } from './metric.ts';
import { type Note, readOldConfig } from './notes.ts';
import { createMapReader, type MapReader } from './reader.ts';

export interface Converted {
  /** Modules by name, each as a source of ours without its URL. */
  readonly modules: Readonly<Record<string, ConvertedModule>>;
  /** What needs a look, in the order of the lines. */
  readonly notes: readonly Note[];
}

export type ConvertedModule = Readonly<Record<string, unknown>> & {
  readonly metrics: readonly WrittenRule[];
};

/**
 * Converts the text of a json_exporter config (0.4 and later: `modules:`).
 * @throws Error for a text that is no YAML, with its line
 */
export function convertJsonExporter(text: string): Converted {
  const old = readOldConfig(text);
  const root = createMapReader(old, old.value, []);
  const modules: Record<string, ConvertedModule> = {};
  const written = root.map('modules');
  if (written === undefined)
    old.note([], 'no modules: is this a config of json_exporter 0.4 or later?');
  for (const [name, value] of written?.entries() ?? []) {
    const path = ['modules', name];
    const module = createMapReader(old, value, path);
    const connection = convertConnection(module);
    const status = convertStatus(module);
    const metrics = module
      .list('metrics')
      .flatMap((metric, place) => convertMetric(old, metric, [...path, 'metrics', place]));
    module.finish();
    if (metrics.length === 0) old.note(path, `module ${name} makes no metrics; left out`);
    else modules[name] = { ...connection, ...status, metrics };
  }
  root.finish();
  return { modules, notes: [...old.notes].sort((a, b) => a.line - b.line || a.column - b.column) };
}

/** Statuses that count as an answer; ours is 200 alone when none are named. */
function convertStatus(module: MapReader): { readonly validStatus?: readonly number[] } {
  const codes = module.list('valid_status_codes').map(Number);
  return codes.length === 0 ? {} : { validStatus: codes };
}

/** The converted modules as the text of a podmates.yaml, asked for by /probe as before. */
export function writeProbeConfig({ modules }: Converted): string {
  return `# Prometheus asks for /probe?module=NAME&target=URL as it did, at port 7103.
${writeYaml({ adapter: { probe: { targets: [], modules: escapeVariables(modules) } } })}
# probe.targets lists whom a probe may ask, as in ["http://10.1.2.3:8080", "http://*.shop.svc:*"].
# It is empty: until you fill it in, every probe is refused.
`;
}

/** One converted module as a source with a fixed URL. */
export function writeSourceConfig(name: string, module: ConvertedModule, url: string): string {
  return writeYaml({ adapter: { sources: { [name]: { url, ...escapeVariables(module) } } } });
}

/** YAML with a line for each metric. */
function writeYaml(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Map(key, node) {
      if (key !== 'key' && isRule(node)) node.flow = true;
    },
    Pair(_key, { key, value: labels }) {
      if (String(key) === 'labels' && isMap(labels)) labels.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function isRule(node: YAMLMap): boolean {
  return ['gauge', 'counter', 'untyped'].some((type) => node.has(type));
}
