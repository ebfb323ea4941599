/** One step of a path. */
export type Step =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'where'; readonly name: string; readonly value: string };

/** Where a path begins: at the row, at the document, or at the row's own key or number. */
export type PathStart = 'row' | 'document' | 'key' | 'index';

export interface Path {
  readonly start: PathStart;
  readonly steps: readonly Step[];
  /** As it was written. */
  readonly text: string;
}

/** Says what is wrong with a path, and where. */
export interface PathFault {
  readonly fault: string;
}

const startPattern = /^(?:\$key(?![^.[])|\$index(?![^.[])|\$(?=[.[]|$)|\.(?=\[|$))/;
const stepPattern =
  /(?:(?<dot>\.)?(?<name>[^.[\]"'\s](?:[^.[\]]*[^.[\]\s])?))|\[(?:(?<index>-?\d+)|(?<star>\*)|"(?<double>(?:[^"\\]|\\.)*)"|'(?<single>(?:[^'\\]|\\.)*)'|(?<key>[^=\]"'[]+)=(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>[^\]"]*)))\]/y;

/**
 * Reads a path such as `http.requests`, `pools[0].name`, `["odd key"].n`, `rows[name=cpu].value`,
 * `apps.*`, `$key`, `$.version` (from the document) or `.` (the row itself).
 */
export function parsePath(text: string): Path | PathFault {
  if (text.trim() === '') return { fault: 'the path is empty; "." is the row itself' };
  if (text.startsWith('=')) {
    return { fault: 'a path does not begin with "="; that is for the text of a label' };
  }
  const begin = startPattern.exec(text)?.[0] ?? '';
  const steps: Step[] = [];
  let at = begin.length;
  while (at < text.length) {
    stepPattern.lastIndex = at;
    const groups = stepPattern.exec(text)?.groups;
    const first = steps.length === 0 && (begin === '' || begin === '.');
    if (groups === undefined || (groups['name'] !== undefined && !groups['dot'] && !first)) {
      return { fault: `cannot read the path from "${text.slice(at)}"; ${hint}` };
    }
    steps.push(toStep(groups));
    at = stepPattern.lastIndex;
  }
  return { start: starts[begin] ?? 'row', steps, text };
}

const hint = 'write it as a.b, a[0], a.*, a["odd key"] or a[name=x]';
const starts: Readonly<Record<string, PathStart>> = {
  $: 'document',
  $key: 'key',
  $index: 'index',
};

function toStep(groups: Readonly<Record<string, string | undefined>>): Step {
  const { name, index, star, double, single, key, quoted, bare } = groups;
  if (name === '*' || star !== undefined) return { kind: 'all' };
  if (name !== undefined) return { kind: 'member', name };
  if (index !== undefined) return { kind: 'index', index: Number(index) };
  if (key !== undefined) {
    const value = quoted === undefined ? (bare ?? '') : unquote(quoted);
    return { kind: 'where', name: key.trim(), value };
  }
  return { kind: 'member', name: unquote(double ?? single ?? '') };
}

function unquote(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

/** Whether the path can match more than one thing. */
export function isPlural({ steps }: Path): boolean {
  return steps.some(({ kind }) => kind === 'all');
}
