import type { KubectlFilter, KubectlStep } from './kubectl-path.ts';

/** A path in our words, or an RFC 9535 query where our words do not reach. */
export type WrittenSelector = string | { readonly jsonpath: string };

/** Rows to visit, with the condition that a filter in the last step became. */
export interface WrittenRows {
  readonly each: WrittenSelector;
  readonly where?: string;
}

/** Whether the steps can match more than one value. */
export function matchesMany(steps: readonly KubectlStep[]): boolean {
  return steps.some(({ kind }) => kind !== 'field' && kind !== 'index');
}

/** The selector of one value: of the only match, or of the first of several. */
export function toSelector(steps: readonly KubectlStep[]): WrittenSelector {
  return toPath(steps) ?? { jsonpath: toQuery(steps) };
}

/** The rows that the steps match. */
export function toRows(steps: readonly KubectlStep[]): WrittenRows {
  const last = steps.at(-1);
  const before = toPath(steps.slice(0, -1));
  const rows = before === undefined || last === undefined ? undefined : appendAll(before);
  if (rows !== undefined && last?.kind === 'all') return { each: rows };
  if (rows !== undefined && last?.kind === 'filter') {
    const where = toCondition(last.filter);
    if (where !== undefined) return { each: rows, where };
  }
  return { each: { jsonpath: toQuery(steps) } };
}

function appendAll(path: string): string {
  return path === '.' ? '[*]' : `${path}[*]`;
}

/** Our path of plain fields and indexes; "." for none. */
export function toPath(steps: readonly KubectlStep[]): string | undefined {
  let path = '';
  for (const step of steps) {
    if (step.kind === 'index') path += `[${step.index}]`;
    else if (step.kind === 'field') path += pathField(step.name, path === '');
    else return undefined;
  }
  return path === '' ? '.' : path;
}

function pathField(name: string, first: boolean): string {
  if (/^[A-Za-z_][\w-]*$/.test(name)) return first ? name : `.${name}`;
  return `["${name.replace(/[\\"]/g, '\\$&')}"]`;
}

function toCondition({ path, operator, literal }: KubectlFilter): string | undefined {
  const left = toPath(path);
  if (left === undefined || /^(and|or|not)$/.test(left)) return undefined;
  // A bare field in our conditions means "there and not empty"; kubectl's means "there".
  if (operator === undefined) return `${left} != null`;
  return `${left} ${operator} ${quote(literal)}`;
}

function quote(literal: string | number | boolean | undefined): string {
  return typeof literal === 'string' ? `"${literal.replace(/[\\"]/g, '\\$&')}"` : String(literal);
}

/** The same as a query of RFC 9535. */
export function toQuery(steps: readonly KubectlStep[], root = '$'): string {
  return root + steps.map(queryStep).join('');
}

function queryStep(step: KubectlStep): string {
  switch (step.kind) {
    case 'field':
      return `[${JSON.stringify(step.name)}]`;
    case 'index':
      return `[${step.index}]`;
    case 'all':
      return '[*]';
    case 'slice':
      return `[${step.text}]`;
    case 'union':
      return `[${step.members.map((member) => JSON.stringify(member)).join(', ')}]`;
    case 'recursive':
      return step.name === undefined ? '..[*]' : `..[${JSON.stringify(step.name)}]`;
    case 'filter': {
      const left = toQuery(step.filter.path, '@');
      const { operator, literal } = step.filter;
      return operator === undefined ? `[?${left}]` : `[?${left} ${operator} ${quote(literal)}]`;
    }
  }
}
