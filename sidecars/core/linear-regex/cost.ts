import { buildAutomaton, type Position } from './automaton.ts';
import { overlaps, union } from './char-set.ts';
import type { Node, Syntax } from './syntax.ts';

/** How the steps of a backtracking engine grow with the text, as far as can be proved. */
export type Cost = 'linear' | 'quadratic' | 'unknown';

/**
 * Proves from Glushkov's automaton how long a backtracking engine may take. Where at each step at
 * most one way can take the next character, a way that fails has no other worth trying: linear.
 * One repeat of a single class whose end is open, or a search that may begin inside of what an
 * earlier attempt has already repeated over, adds one factor of the text's length: quadratic.
 * Whatever is not proved is unknown.
 */
export function proveCost(syntax: Syntax): Cost {
  const automaton = buildAutomaton(syntax);
  if (automaton === undefined) return 'unknown';
  const { positions, first } = automaton;
  const open = openRepeats(positions, first);
  if (open === undefined || open.size > 1) return 'unknown';
  const factors = open.size + (isAnchored(syntax.root) || startsApart(positions, first) ? 0 : 1);
  if (factors === 0) return 'linear';
  return factors === 1 ? 'quadratic' : 'unknown';
}

/** The repeats of one class whose end is open; undefined when something else is open too. */
function openRepeats(
  positions: readonly Position[],
  first: readonly number[],
): ReadonlySet<number> | undefined {
  const open = new Set<number>();
  const sets = [first, ...positions.map(({ follow }) => [...follow])];
  for (const set of sets) {
    for (const [index, p] of set.entries()) {
      for (const q of set.slice(index + 1)) {
        const [one, other] = [positions[p], positions[q]];
        if (one === undefined || other === undefined || !overlaps(one.set, other.set)) continue;
        if (one.lone) open.add(p);
        else if (other.lone) open.add(q);
        else return undefined;
      }
    }
  }
  return open;
}

function isAnchored(node: Node): boolean {
  switch (node.type) {
    case 'assert':
      return node.what === '^';
    case 'group':
      return isAnchored(node.item);
    case 'sequence':
      return node.items[0] !== undefined && isAnchored(node.items[0]);
    case 'choice':
      return node.items.every(isAnchored);
    default:
      return false;
  }
}

/** Whether no attempt can begin inside of what another has repeated over. */
function startsApart(positions: readonly Position[], first: readonly number[]): boolean {
  const starts = union(first.map((p) => positions[p]?.set ?? []));
  return positions.every(({ set, loops }) => loops === 0 || !overlaps(set, starts));
}
