import type { Candidate } from './candidate.ts';
import { describePlace } from './scope.ts';
import type { Shape } from './shape.ts';

export type Leaf = Pick<Candidate, 'place' | 'words'> & {
  /** The path to the number. */
  readonly value: string;
};

/** A metric for `{type: "counter", value: 1, desc: "…"}`. */
export function draftTypedLeaf({ place, words, value }: Leaf, shape: Shape): Candidate {
  const counter = shape.fields?.get('type')?.texts?.examples.has('counter') === true;
  const described = ['desc', 'description', 'help'].map((name) => shape.fields?.get(name)?.texts);
  const [help] = described.flatMap((texts) => [...(texts?.examples ?? [])]);
  return {
    kind: 'metric',
    type: counter ? 'counter' : 'gauge',
    place,
    words,
    unit: undefined,
    help: help?.replace(/\s+/g, ' ') || describePlace(place),
    fields: { value },
    note: 'the app says its type',
  };
}
