import { LineCounter, type Node, parseDocument } from 'yaml';
import { describeError } from '../../../core/errors.ts';

/** Something of the old config that needs a look, with the line it stands in; lines count from 1. */
export interface Note {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type KeyPath = readonly (string | number)[];

/** The old config as it was read, and the notes on it. */
export interface OldConfig {
  readonly value: unknown;
  readonly notes: Note[];
  /** Adds a note at the value under `path`, or at the nearest place above it. */
  note(path: KeyPath, message: string): void;
}

/** @throws Error with the line of the first syntax error */
export function readOldConfig(text: string): OldConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new Error(`line ${line}, column ${col}: ${describeError(error)}`);
  }
  const notes: Note[] = [];
  return {
    value: document.toJS() ?? {},
    notes,
    note(path, message) {
      let depth = path.length;
      let node: unknown;
      while (depth >= 0 && node === undefined) {
        node = document.getIn(path.slice(0, depth), true) ?? undefined;
        depth -= 1;
      }
      const { line, col } = lines.linePos(isNodeWithRange(node) ? node.range[0] : 0);
      notes.push({ line: Math.max(line, 1), column: Math.max(col, 1), message });
    },
  };
}

function isNodeWithRange(
  node: unknown,
): node is Node & { range: readonly [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
