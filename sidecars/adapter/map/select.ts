import type { Selector } from './fields.ts';
import type { Found } from './jsonpath.ts';
import type { Path, Step } from './path.ts';
import type { Row } from './row.ts';

/** Reads one value for a row; undefined when it is not there. */
export type Read = (row: Row) => unknown;
/** Finds the rows of `each`. */
export type Find = (row: Row) => readonly Found[];
type Walk = (value: unknown) => unknown;

export function compileSelector(selector: Selector): Read {
  if (selector.start !== 'jsonpath') return compilePath(selector);
  const { query } = selector;
  return (row) => query.first(row.value);
}

/** Compiles a path to closures: nothing of its text is looked at again. */
export function compilePath({ start, steps }: Path): Read {
  const walk = steps.map(compileStep).reduce<Walk | undefined>(chain, undefined);
  switch (start) {
    case 'row':
      return walk === undefined ? (row) => row.value : (row) => walk(row.value);
    case 'document':
      return walk === undefined ? (row) => row.run.document : (row) => walk(row.run.document);
    case 'key':
      return (row) => row.key;
    case 'index':
      return (row) => row.index;
  }
}

/** Compiles the selector of `each`: at every `*` the path fans out. */
export function compileRows(selector: Selector): Find {
  if (selector.start === 'jsonpath') {
    const { query } = selector;
    return (row) => query.all(row.value);
  }
  const { start, steps } = selector;
  const spreads = steps.map(compileSpread);
  return ({ value, run }) => {
    let found: readonly Found[] = [
      { value: start === 'document' ? run.document : value, key: undefined },
    ];
    for (const spread of spreads) {
      found = found.length === 1 && found[0] ? spread(found[0]) : found.flatMap(spread);
    }
    return found;
  };
}

function compileSpread(step: Step): (found: Found) => readonly Found[] {
  if (step.kind === 'all') return ({ value }) => children(value);
  const walk = compileStep(step);
  const key = step.kind === 'index' ? step.index : step.name;
  return (found) => {
    const value = walk(found.value);
    return value === undefined ? [] : [{ value, key }];
  };
}

function children(value: unknown): readonly Found[] {
  if (Array.isArray(value)) return value.map((item: unknown, key) => ({ value: item, key }));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([key, item]: [string, unknown]) => ({ value: item, key }));
}

function chain(before: Walk | undefined, next: Walk): Walk {
  return before === undefined ? next : (value) => next(before(value));
}

function compileStep(step: Step): Walk {
  switch (step.kind) {
    case 'member':
      return /^\d+$/.test(step.name) ? compileNumeric(step.name) : compileMember(step.name);
    case 'index':
      return (value) => (Array.isArray(value) ? value.at(step.index) : undefined);
    case 'where':
      return compileMatching(step.name, step.value);
    case 'all':
      return children;
  }
}

/**
 * Own members only: a document may well have no `constructor`, and a path may well ask for one. What
 * JSON.parse made inherits from nothing but Object.prototype, so other names need no second look.
 */
function compileMember(name: string): Walk {
  if (name in Object.prototype) {
    return (value) => (isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined);
  }
  return (value) => (isRecord(value) ? value[name] : undefined);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function compileNumeric(name: string): Walk {
  const member = compileMember(name);
  return (value) => (Array.isArray(value) ? value[Number(name)] : member(value));
}

function compileMatching(name: string, wanted: string): Walk {
  const member = compileMember(name);
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    return value.find((item: unknown) => {
      const found = member(item);
      return typeof found !== 'object' && found !== undefined && String(found) === wanted;
    });
  };
}
