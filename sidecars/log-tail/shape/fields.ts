import { takeField } from '../condition/field-value.ts';
import type { Scalar } from './config.ts';
import type { Step } from './step.ts';

/** Sets fields, also of a record that had none. */
export function add(values: Readonly<Record<string, Scalar>>): Step {
  return (next) => (draft) => {
    draft.fields = Object.assign(draft.fields ?? {}, values);
    draft.edited = true;
    next(draft);
  };
}

export function remove(names: readonly string[]): Step {
  return (next) => (draft) => {
    for (const name of names) {
      if (takeField(draft.fields, name) !== undefined) draft.edited = true;
    }
    next(draft);
  };
}

/** Puts fields under other names, in the order of the config; a nested one becomes a top one. */
export function rename(names: Readonly<Record<string, string>>): Step {
  const pairs = Object.entries(names);
  return (next) => (draft) => {
    for (const [from, to] of pairs) {
      const value = takeField(draft.fields, from);
      if (value === undefined || draft.fields === undefined) continue;
      draft.fields[to] = value;
      draft.edited = true;
    }
    next(draft);
  };
}
