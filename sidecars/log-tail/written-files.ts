import { resolve } from 'node:path';
import { compileExcludes, compileGlobs } from './follow/find/glob.ts';
import type { OutputConfig, OutputsConfig } from './ship/config.ts';

/** The part of the config that says what is read and what is written. */
export interface FilesConfig {
  readonly inputs: Readonly<Record<string, Source>>;
  readonly outputs: OutputsConfig;
}

interface Source {
  readonly paths?: readonly string[] | undefined;
  readonly exclude: readonly string[];
}

export interface Clash {
  readonly path: readonly string[];
  readonly message: string;
}

/**
 * Finds outputs that would write what is read again, round and round until the disk is full, and
 * outputs that would take each other's files away.
 */
export function findClashes({ inputs, outputs }: FilesConfig): Clash[] {
  const readers = Object.entries(inputs).map(([name, { paths, exclude }]) => {
    const [found, excluded] = [compileGlobs(paths ?? []), compileExcludes(exclude)];
    return { name, reads: (path: string) => found(path) && !excluded(path) };
  });
  const owners = new Map<string, string>();
  const clashes: Clash[] = [];
  for (const [name, output] of Object.entries(outputs)) {
    for (const { at, file, shared } of writtenBy(output)) {
      const path = ['outputs', name, ...at];
      const owner = owners.get(resolve(file));
      const reader = readers.find(({ reads }) => reads(file));
      if (owner !== undefined && !shared) {
        clashes.push({ path, message: `the output ${owner} has this path already` });
      } else if (reader !== undefined) {
        const mend = 'write elsewhere, or put it under exclude: there';
        clashes.push({ path, message: `the input ${reader.name} would read this again; ${mend}` });
      }
      owners.set(resolve(file), name);
    }
  }
  return clashes;
}

interface Written {
  readonly at: readonly string[];
  readonly file: string;
  /** Whether several outputs may append to it: each dead letter says whose it is. */
  readonly shared: boolean;
}

function writtenBy(output: OutputConfig): Written[] {
  if (output.type === 'stdout') return [];
  if (output.type === 'file') return [{ at: ['path'], file: output.path, shared: false }];
  const { rejected, spool } = output;
  return [
    ...(rejected ? [{ at: ['rejected', 'path'], file: rejected.path, shared: true }] : []),
    ...(spool ? [{ at: ['spool', 'path'], file: spool.path, shared: false }] : []),
  ];
}
