import type { Candidate, CandidateNode, CandidateRows } from './candidate.ts';
import type { WrittenRule } from './written.ts';

/** A drafted rule with what may be said about it in a comment. */
export interface DraftedNode {
  readonly note: string;
  /** The rule without the rules inside it. */
  readonly rule: WrittenRule;
  /** Only in the rules of rows. */
  readonly nodes?: readonly DraftedNode[];
}

/** Candidates as rules, in the order of the document. */
export function write(
  nodes: readonly CandidateNode[],
  names: ReadonlyMap<Candidate, string>,
): DraftedNode[] {
  return nodes.map((node) =>
    node.kind === 'metric'
      ? { note: node.note, rule: writeMetric(node, names.get(node) ?? '') }
      : writeRows(node, names),
  );
}

function writeMetric({ type, help, unit, fields }: Candidate, name: string): WrittenRule {
  const ended = unit !== undefined && name.replace(/_total$/, '').endsWith(`_${unit.base}`);
  return { [type]: name, help, ...fields, ...(ended ? { unit: unit.base } : {}) };
}

function writeRows(
  { each, where, labels, note, nodes }: CandidateRows,
  names: ReadonlyMap<Candidate, string>,
): DraftedNode {
  return {
    note,
    rule: { each, ...(where === undefined ? {} : { where }), labels },
    nodes: write(nodes, names),
  };
}

/** Drafted nodes as the value of `metrics:`, ready to be parsed by its schema. */
export function toRules(nodes: readonly DraftedNode[]): WrittenRule[] {
  return nodes.map(({ rule, nodes: inner }) =>
    inner === undefined ? rule : { ...rule, metrics: toRules(inner) },
  );
}
