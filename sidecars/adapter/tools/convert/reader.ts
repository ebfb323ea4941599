import type { KeyPath, OldConfig } from './notes.ts';

/** A map of the old config, read key by key so that nothing in it is passed over in silence. */
export interface MapReader {
  readonly path: KeyPath;
  has(key: string): boolean;
  /** A text, number or boolean as text; undefined when it is not there. */
  text(key: string): string | undefined;
  flag(key: string): boolean;
  list(key: string): readonly unknown[];
  map(key: string): MapReader | undefined;
  entries(): readonly (readonly [string, unknown])[];
  note(key: string, message: string): void;
  /** Notes every key that nobody asked for. */
  finish(): void;
}

export function createMapReader(old: OldConfig, value: unknown, path: KeyPath): MapReader {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap) old.note(path, 'expected a map of keys; left out');
  const members = new Map<string, unknown>(isMap ? Object.entries(value) : []);
  const asked = new Set<string>();
  const get = (key: string): unknown => {
    asked.add(key);
    return members.get(key) ?? undefined;
  };
  const note = (key: string, message: string) => old.note([...path, key], message);
  return {
    path,
    has: (key) => get(key) !== undefined,
    text(key) {
      const found = get(key);
      if (found === undefined || typeof found !== 'object') return found && toText(found);
      note(key, 'expected a text; left out');
      return undefined;
    },
    flag: (key) => get(key) === true,
    list(key) {
      const found = get(key);
      return Array.isArray(found) ? found : [];
    },
    map(key) {
      const found = get(key);
      return found === undefined ? undefined : createMapReader(old, found, [...path, key]);
    },
    entries() {
      for (const key of members.keys()) asked.add(key);
      return [...members];
    },
    note,
    finish() {
      for (const key of members.keys()) {
        if (!asked.has(key)) note(key, `"${key}" is no key that json_exporter reads; left out`);
      }
    },
  };
}

function toText(value: unknown): string {
  return String(value);
}
