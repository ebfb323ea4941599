import { basename, dirname, join } from 'node:path';
import picomatch from 'picomatch';
import type { Directories } from './glob.ts';

/** Finds the names that a log's older generations have. */
export type FindSiblings = (log: string, directories: Directories) => string[];

const special = /[\\*?[\]{}()!+@|]/g;

/**
 * Compiles the templates of `rotated:`, such as `{path}.*`. Known placeholders: `{path}`, `{dir}`,
 * `{name}`, and `{stem}` and `{ext}` of the name (`app` and `.log` of `app.log`).
 */
export function compileSiblings(templates: readonly string[]): FindSiblings {
  return (log, directories) => templates.flatMap((template) => find(template, log, directories));
}

function find(template: string, log: string, directories: Directories): string[] {
  const filled = fill(template, log);
  const directory = withoutEscapes(dirname(filled));
  const pattern = basename(filled);
  const firstGlob = pattern.search(/(?<!\\)[*?[{(!+@]/);
  const prefix = withoutEscapes(firstGlob === -1 ? pattern : pattern.slice(0, firstGlob));
  const names = startingWith(directories.names(directory), prefix);
  if (names.length === 0) return [];
  const matches = picomatch(pattern, { dot: true });
  return names
    .filter((name) => matches(name))
    .map((name) => join(directory, name))
    .filter((path) => path !== log);
}

function fill(template: string, log: string): string {
  const name = basename(log);
  const dot = name.lastIndexOf('.');
  const values: Readonly<Record<string, string>> = {
    path: log,
    dir: dirname(log),
    name,
    stem: dot > 0 ? name.slice(0, dot) : name,
    ext: dot > 0 ? name.slice(dot) : '',
  };
  return template.replace(/\{(path|dir|name|stem|ext)\}/g, (_, key: string) =>
    (values[key] ?? '').replace(special, '\\$&'),
  );
}

function withoutEscapes(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

/** Of sorted names those with a prefix: no more is looked at where thousands of files lie. */
function startingWith(sorted: readonly string[], prefix: string): string[] {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < prefix) low = middle + 1;
    else high = middle;
  }
  const found: string[] = [];
  for (let at = low; sorted[at]?.startsWith(prefix); at++) found.push(sorted[at] ?? '');
  return found;
}
