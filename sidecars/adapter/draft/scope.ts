import type { Memory } from './candidate.ts';
import { labelName } from './names.ts';

/** What was left out of a draft, and why. */
export interface Omission {
  readonly place: string;
  readonly why: string;
}

/** Where the walk through a document stands: at an object, a member of a map or a row of a list. */
export interface Scope {
  /** Words that names under here begin with. */
  readonly words: readonly string[];
  /** Labels that samples under here have. */
  readonly labels: ReadonlySet<string>;
  readonly depth: number;
  readonly memory: Memory;
  /** The path of a member, from the row or the document. */
  pathOf(key: string): string;
  /** The place of a member in the whole document. */
  placeOf(key: string): string;
  /** Notes that something is left out; returns nothing, so that callers can return it. */
  skip(key: string, why: string): undefined;
  /** Keeps a text for the info metric of this object or row. */
  describe(key: string, own: readonly string[]): void;
  /** The texts kept so far: label to path. */
  readonly described: Map<string, string>;
  /** One object deeper: the same rows, longer paths and names. */
  into(key: string, words: readonly string[]): Scope;
  /** Into the rows of a list or the members of a map, which have labels of their own. */
  rows(place: string, words: readonly string[], labels: readonly string[]): Scope;
}

interface Position {
  readonly words: readonly string[];
  readonly labels: ReadonlySet<string>;
  readonly path: string;
  readonly place: string;
  readonly depth: number;
}

/** @param omissions is filled while the draft is made */
export function createScope(memory: Memory, omissions: Omission[]): Scope {
  const make = (at: Position, described: Map<string, string>): Scope => {
    const placeOf = (key: string) => joinPath(at.place, key);
    return {
      ...at,
      memory,
      described,
      placeOf,
      pathOf: (key) => joinPath(at.path, key),
      skip: (key, why) => void omissions.push({ place: placeOf(key), why }),
      describe(key, own) {
        if (described.size >= 12) omissions.push({ place: placeOf(key), why: 'labels enough' });
        else
          described.set(
            labelName(own, new Set([...described.keys(), ...at.labels])),
            joinPath(at.path, key),
          );
      },
      into: (key, words) =>
        make(
          { ...at, words, path: joinPath(at.path, key), place: placeOf(key), depth: at.depth + 1 },
          new Map(),
        ),
      rows: (place, words, labels) =>
        make(
          {
            words,
            labels: new Set([...at.labels, ...labels]),
            path: '',
            place,
            depth: at.depth + 1,
          },
          new Map(),
        ),
    };
  };
  return make({ words: [], labels: new Set(), path: '', place: '', depth: 0 }, new Map());
}

/** The help of a metric that no more is known of than where its value stands. */
export function describePlace(place: string): string {
  // Of a document that is a list itself, the place begins with that.
  const path = place.replace(/^\[\](?=\[)/, '').replace(/[\n\r\0]/g, ' ');
  return `The value of ${path.slice(0, 200)}.`;
}

/** `a.b`, or `a["odd key"]`, in the words of the mapping language. */
export function joinPath(path: string, key: string): string {
  if (/^[A-Za-z_][\w-]*$/.test(key)) return path === '' ? key : `${path}.${key}`;
  return `${path}["${key.replace(/[\\"]/g, '\\$&')}"]`;
}
