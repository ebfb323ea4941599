import type { Row } from '../row.ts';
import type { Selector } from './fields.ts';
import type { Path, Step } from './path.ts';

/** Reads one value for a row; undefined when it is not there. */
export type Read = (row: Row) => unknown;
type Take = (value: unknown, key: string | number | undefined) => void;
/** Hands over the rows of `each` one by one, with the key or index of each. */
export type Visit = (row: Row, take: Take) => void;
type Spread = (value: unknown, key: string | number | undefined, take: Take) => void;
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
export function compileRows(selector: Selector): Visit {
  if (selector.start === 'jsonpath') {
    const { query } = selector;
    return (row, take) => {
      for (const { value, key } of query.all(row.value)) take(value, key);
    };
  }
  const { start, steps } = selector;
  const spread = steps.reduceRight<Spread>(compileSpread, (value, key, take) => take(value, key));
  return (row, take) =>
    spread(start === 'document' ? row.run.document : row.value, undefined, take);
}

function compileSpread(next: Spread, step: Step): Spread {
  if (step.kind !== 'all') {
    const walk = compileStep(step);
    const key = step.kind === 'index' ? step.index : step.name;
    return (value, _key, take) => {
      const found = walk(value);
      if (found !== undefined) next(found, key, take);
    };
  }
  return (value, _key, take) => {
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) next(value[index], index, take);
    } else if (isRecord(value)) {
      for (const key of Object.keys(value)) next(value[key], key, take);
    }
  };
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
      return () => undefined; // many values are none: the schema lets a `*` only stand in each
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

/** `[name=cpu]`, and `[field.name=cpu]` for a name that is a path and not a key with a dot in it. */
function compileMatching(name: string, wanted: string): Walk {
  const own = compileMember(name);
  const deep = name.split('.').map(compileMember).reduce<Walk | undefined>(chain, undefined);
  const member: Walk = name.includes('.') && deep ? (item) => own(item) ?? deep(item) : own;
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    return value.find((item: unknown) => {
      const found = member(item);
      return typeof found !== 'object' && found !== undefined && String(found) === wanted;
    });
  };
}
