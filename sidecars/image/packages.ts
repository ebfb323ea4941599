import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a package says of itself. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/**
 * Copies packages, and those that they need, without what only developers read.
 *
 * @param names in `node_modules` of the project
 * @returns the folders of all that were copied
 */
export function copyPackages(names: readonly string[], project: string, target: string): string[] {
  const needed = gather(names, project);
  for (const name of needed) {
    cpSync(join(project, 'node_modules', name), join(target, 'node_modules', name), {
      recursive: true,
      filter: (file) => !/\.(d\.[cm]?ts|map)$/.test(file),
    });
  }
  return [...needed].map((name) => join(project, 'node_modules', name));
}

/** Of optional packages only those are there that are meant for this kind of machine. */
function gather(names: readonly string[], project: string, known = new Set<string>()): Set<string> {
  for (const name of names) {
    const folder = join(project, 'node_modules', name);
    if (known.has(name) || !existsSync(folder)) continue;
    known.add(name);
    const { dependencies = {}, optionalDependencies = {} } = readManifest(folder);
    gather([...Object.keys(dependencies), ...Object.keys(optionalDependencies)], project, known);
  }
  return known;
}
