import type * as z from 'zod';
import type { PathKey } from './document.ts';

type Schema = z.core.$ZodType;

/** The keys that the schema knows at `path`, over all the alternatives that stand there. */
export function knownKeys(schema: Schema, path: readonly PathKey[]): string[] {
  let here = alternatives(schema);
  for (const step of path) here = here.flatMap((at) => descend(at, step)).flatMap(alternatives);
  return [...new Set(here.flatMap((at) => Object.keys(shapeOf(at) ?? {})))];
}

function descend(schema: Schema, step: PathKey): Schema[] {
  const { def } = schema._zod;
  if (isKind(def, 'array')) return [def.element];
  if (isKind(def, 'record')) return [def.valueType];
  const next = shapeOf(schema)?.[String(step)];
  return next === undefined ? [] : [next];
}

/** Looks through everything that wraps a schema, down to objects, lists and maps. */
function alternatives(schema: Schema): Schema[] {
  const { def } = schema._zod;
  if (isKind(def, 'union')) return def.options.flatMap(alternatives);
  // Of a transform that comes first, nothing is known but what comes out.
  if (isKind(def, 'pipe')) {
    return alternatives(def.in._zod.def.type === 'transform' ? def.out : def.in);
  }
  if (isKind(def, 'lazy')) return alternatives(def.getter());
  if ('innerType' in def) return alternatives(def.innerType as Schema);
  return [schema];
}

function shapeOf(schema: Schema): Readonly<Record<string, Schema>> | undefined {
  const { def } = schema._zod;
  return isKind(def, 'object') ? def.shape : undefined;
}

interface Kinds {
  array: z.core.$ZodArrayDef;
  record: z.core.$ZodRecordDef;
  union: z.core.$ZodUnionDef;
  pipe: z.core.$ZodPipeDef;
  lazy: z.core.$ZodLazyDef;
  object: z.core.$ZodObjectDef;
}

function isKind<K extends keyof Kinds>(def: z.core.$ZodTypeDef, kind: K): def is Kinds[K] {
  return def.type === kind;
}
