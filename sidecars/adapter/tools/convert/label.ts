import {
  type KubectlPart,
  KubectlPathError,
  type KubectlStep,
  parseKubectlTemplate,
} from './kubectl-path.ts';
import type { MapReader } from './reader.ts';
import { toPath, toSelector } from './selector.ts';

type Steps = readonly KubectlStep[];

/** Labels by name; each is written with the steps that lead to the row in front of its own. */
export type Labels = ReadonlyMap<string, (prefix: Steps) => unknown>;

export function convertLabels(labels: MapReader | undefined): Labels {
  const converted = new Map<string, (prefix: Steps) => unknown>();
  for (const [name, written] of labels?.entries() ?? []) {
    if (name.startsWith('__')) {
      labels?.note(name, 'left out: names that begin with "__" are reserved by Prometheus');
      continue;
    }
    const parts = labels && readTemplate(labels, name, String(written));
    if (labels === undefined || parts === undefined) continue;
    const [only] = parts;
    if (parts.length === 1 && typeof only === 'object') {
      converted.set(name, (prefix) => toSelector([...prefix, ...only]));
    } else {
      converted.set(name, (prefix) => mixedLabel(labels, name, parts, prefix));
    }
  }
  return converted;
}

/** `planet-{.location}` as `=planet-{location}`, which knows our own paths only. */
function mixedLabel(
  labels: MapReader,
  name: string,
  parts: readonly KubectlPart[],
  prefix: Steps,
): string {
  let text = '=';
  for (const part of parts) {
    const path = typeof part === 'string' ? undefined : toPath([...prefix, ...part]);
    if (typeof part === 'string') text += part.replace(/[{}]/g, '$&$&');
    else if (path !== undefined) text += `{${path}}`;
    else labels.note(name, 'a query amid text has no counterpart; the label lacks that part');
  }
  return text;
}

/** The key `labels:`, or nothing when there are none. */
export function writeLabels(labels: Labels, prefix: Steps): { readonly labels?: object } {
  const entries = [...labels].map(([name, write]) => [name, write(prefix)] as const);
  return entries.length === 0 ? {} : { labels: Object.fromEntries(entries) };
}

/** The parts of a template, or nothing, with a note, when it cannot be read. */
export function readTemplate(map: MapReader, key: string, text: string): KubectlPart[] | undefined {
  try {
    return parseKubectlTemplate(text);
  } catch (error) {
    if (!(error instanceof KubectlPathError)) throw error;
    map.note(key, `${error.message}; left out`);
    return undefined;
  }
}
