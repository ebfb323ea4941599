import { type CharSet, withBothCases } from './char-set.ts';
import type { Node, Syntax } from './syntax.ts';

/** One place in a pattern that takes a character. */
export interface Position {
  readonly set: CharSet;
  /** Inside how many unbounded repeats it stands. */
  readonly loops: number;
  /** Whether it is all that an unbounded repeat repeats, and no other repeat is around that one. */
  lone: boolean;
  /** The positions that may take the next character. */
  readonly follow: Set<number>;
}

/** Glushkov's automaton of a pattern. */
export interface Automaton {
  readonly positions: readonly Position[];
  readonly first: readonly number[];
}

interface Part {
  readonly nullable: boolean;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

interface Build {
  readonly positions: Position[];
  readonly ignoreCase: boolean;
}

const maxPositions = 600;
const maxCount = 100;
const nothing: Part = { nullable: true, first: [], last: [] };
const ambiguous = Symbol('the same step by two ways, or too large');

/** @returns undefined when a step can be made in two ways that look alike, or for a huge pattern */
export function buildAutomaton({ root, ignoreCase }: Syntax): Automaton | undefined {
  const build: Build = { positions: [], ignoreCase };
  try {
    const { first } = visit(build, root, 0);
    return { positions: build.positions, first };
  } catch (reason) {
    if (reason === ambiguous) return undefined;
    throw reason;
  }
}

function visit(build: Build, node: Node, loops: number): Part {
  switch (node.type) {
    case 'assert':
      return nothing;
    case 'group':
      return visit(build, node.item, loops);
    case 'sequence':
      return sequence(
        build,
        node.items.map((item) => visit(build, item, loops)),
      );
    case 'choice': {
      const parts = node.items.map((item) => visit(build, item, loops));
      return {
        nullable: parts.some(({ nullable }) => nullable),
        first: parts.flatMap(({ first }) => first),
        last: parts.flatMap(({ last }) => last),
      };
    }
    case 'chars': {
      if (build.positions.length === maxPositions) throw ambiguous;
      const set = build.ignoreCase ? withBothCases(node.set) : node.set;
      const at = [build.positions.push({ set, loops, lone: false, follow: new Set() }) - 1];
      return { nullable: false, first: at, last: at };
    }
    case 'repeat':
      return repeat(build, node, loops);
  }
}

function repeat(
  build: Build,
  { item, min, max }: Extract<Node, { type: 'repeat' }>,
  loops: number,
): Part {
  const copies = (count: number) => {
    if (count > maxCount) throw ambiguous;
    return Array.from({ length: Math.max(0, count) }, () => visit(build, item, loops));
  };
  if (max === Number.POSITIVE_INFINITY) {
    const before = copies(min - 1);
    const body = visit(build, item, loops + 1);
    if (body.nullable) throw ambiguous;
    connect(build, body.last, body.first);
    const only = build.positions[body.first[0] ?? 0];
    if (only !== undefined && loops === 0 && isSingleClass(item)) only.lone = true;
    return sequence(build, [...before, { ...body, nullable: min === 0 }]);
  }
  const head = copies(min);
  // x{2,4} is xx(x(x)?)?
  const tail = copies(max - min).reduceRight((rest, body) => {
    if (body.nullable) throw ambiguous;
    return { ...sequence(build, [body, rest]), nullable: true };
  }, nothing);
  return sequence(build, [...head, tail]);
}

function sequence(build: Build, parts: readonly Part[]): Part {
  return parts.reduce((left, right) => {
    connect(build, left.last, right.first);
    return {
      nullable: left.nullable && right.nullable,
      first: left.nullable ? [...left.first, ...right.first] : left.first,
      last: right.nullable ? [...left.last, ...right.last] : right.last,
    };
  }, nothing);
}

function connect({ positions }: Build, from: readonly number[], to: readonly number[]): void {
  for (const p of from) {
    const follow = positions[p]?.follow;
    for (const q of to) {
      if (follow?.has(q)) throw ambiguous;
      follow?.add(q);
    }
  }
}

function isSingleClass(node: Node): boolean {
  if (node.type === 'group') return isSingleClass(node.item);
  if (node.type === 'sequence') {
    const [only] = node.items;
    return node.items.length === 1 && only !== undefined && isSingleClass(only);
  }
  return node.type === 'chars';
}
