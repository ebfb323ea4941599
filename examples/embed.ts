/**
 * Copies each example's files into the ConfigMaps of its pod.yaml or job.yaml, so that one file can
 * be pasted, and writes plain.yaml, the same pod for clusters without native sidecars:
 *
 *   node examples/embed.ts
 *
 * The tests fail when this was forgotten.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The text of a pod.yaml with the files beside it as they are now. */
export function embedFiles(manifest: string, folder: string): string {
  return manifest.replace(
    /^ {2}([\w.-]+): \|\n(?: {4}.*\n|\n)*/gm,
    (block: string, name: string) => {
      const file = join(folder, name);
      if (!existsSync(file)) return block;
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
      return `  ${name}: |\n${lines.map((line) => (line === '' ? '\n' : `    ${line}\n`)).join('')}`;
    },
  );
}

const nativeSidecars =
  /^( *)initContainers:\n([\s\S]*?)^\1containers:\n([\s\S]*?)(?=^\1volumes:\n)/m;

/** The same pod with the containers beside the app, in place of native sidecars. */
export function toPlain(manifest: string): string {
  return manifest
    .replace(nativeSidecars, (_all, indent: string, sidecars: string, apps: string) => {
      const beside = sidecars.replace(/^ *restartPolicy: Always.*\n/gm, '');
      return `${indent}containers:\n${apps}${beside}`;
    })
    .replace(
      /^/,
      '# Made of pod.yaml by examples/embed.ts, for clusters before Kubernetes 1.29.\n',
    );
}

/** The pod.yaml or job.yaml of every example that has one. */
export function exampleManifests(): readonly string[] {
  return globSync(join(import.meta.dirname, '*/{pod,job}.yaml')).sort();
}

if (import.meta.main) {
  for (const file of exampleManifests()) {
    const folder = dirname(file);
    const text = embedFiles(readFileSync(file, 'utf8'), folder);
    writeFileSync(file, text);
    // A Job would never complete with containers that do not end.
    if (basename(file) === 'pod.yaml') writeFileSync(join(folder, 'plain.yaml'), toPlain(text));
  }
}
