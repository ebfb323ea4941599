import { isPair, isScalar, isSeq, Scalar, visit } from 'yaml';
import type { Problem } from '../errors.ts';
import type { PathKey, SourceDocument } from './document.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Interpolated {
  /** References to variables that are not set and have no default, by where they stand. */
  readonly missing: readonly { readonly path: readonly PathKey[]; readonly problem: Problem }[];
  /** Paths whose whole plain value came from a variable: text, but a number may have been meant. */
  readonly paths: ReadonlySet<string>;
}

const reference = /\$(\$?)\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;
const wholeReference = /^\$\{[A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?\}$/;

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every string value of the document, in place.
 * `$${NAME}` stands for a literal `${NAME}`. Keys are left alone.
 */
export function interpolate(source: SourceDocument, environment: Environment): Interpolated {
  const missing: { path: PathKey[]; problem: Problem }[] = [];
  const paths = new Set<string>();
  visit(source.document, {
    Scalar(key, node, ancestors) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return;
      const path = pathOf(key, ancestors);
      if (node.type === Scalar.PLAIN && wholeReference.test(node.value)) {
        paths.add(JSON.stringify(path));
      }
      node.value = node.value.replace(reference, (whole, escaped, name, fallback) => {
        if (escaped === '$') return whole.slice(1);
        // As in the shell, `:-` stands in for an empty variable too.
        const value = environment[name];
        if (value !== undefined && (value !== '' || fallback === undefined)) return value;
        if (fallback !== undefined) return fallback;
        const problem = { ...source.problemAt(path, notSet(name)), variable: name };
        missing.push({ path, problem });
        return whole;
      });
    },
  });
  return { missing, paths };
}

function notSet(name: string): string {
  return `environment variable ${name} is not set; set it, or give a default: \${${name}:-default}`;
}

/** The path of a value from what `visit` tells: pairs name their key, items of sequences an index. */
function pathOf(key: unknown, ancestors: readonly unknown[]): PathKey[] {
  const path: PathKey[] = [];
  ancestors.forEach((ancestor, depth) => {
    if (isPair(ancestor)) path.push(String(isScalar(ancestor.key) ? ancestor.key.value : ''));
    else if (isSeq(ancestor)) {
      const next = ancestors[depth + 1];
      path.push(next === undefined ? Number(key) : ancestor.items.indexOf(next));
    }
  });
  return path;
}
