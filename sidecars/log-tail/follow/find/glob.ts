import { join, resolve } from 'node:path';
import picomatch from 'picomatch';

/** Gives the names in a directory; an empty list when it cannot be read. */
export interface Directories {
  names(directory: string): readonly string[];
  subdirectories(directory: string): readonly string[];
}

export type Expand = (directories: Directories) => string[];

type Segment =
  | { readonly kind: 'literal'; readonly name: string }
  | { readonly kind: 'match'; readonly matches: (name: string) => boolean }
  | { readonly kind: 'globstar' };

/**
 * Compiles a glob once; expanding it then lists only the directories that it can match in.
 * Symbolic links to directories are followed where they are named, not below `**`.
 */
export function compileGlob(pattern: string): Expand {
  const whole = resolve(pattern).replace(/\/\*\*$/, '/**/*'); // files are meant, not directories
  const [, ...segments] = whole.split('/').map(toSegment);
  return (directories) => expand('/', segments, directories);
}

/** Compiles globs that a whole path, or when they have no slash its last part, may match. */
export function compileExcludes(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) return () => false;
  return picomatch([...patterns], { dot: true, basename: true });
}

/** Says of a path, which need not be there, whether one of the globs would find it. */
export function compileGlobs(patterns: readonly string[]): (path: string) => boolean {
  const matches = picomatch(patterns.map((pattern) => resolve(pattern)));
  return (path) => matches(resolve(path));
}

function toSegment(text: string): Segment {
  if (text === '**') return { kind: 'globstar' };
  if (!picomatch.scan(text).isGlob) return { kind: 'literal', name: text };
  return { kind: 'match', matches: picomatch(text) };
}

function expand(
  directory: string,
  [head, ...rest]: readonly Segment[],
  directories: Directories,
): string[] {
  if (head === undefined) return [directory];
  if (head.kind === 'literal') return expand(join(directory, head.name), rest, directories);
  if (head.kind === 'globstar') {
    const here = expand(directory, rest, directories);
    const below = directories
      .subdirectories(directory)
      .flatMap((name) => expand(join(directory, name), [head, ...rest], directories));
    return [...here, ...below];
  }
  return directories
    .names(directory)
    .filter((name) => head.matches(name))
    .flatMap((name) => expand(join(directory, name), rest, directories));
}
