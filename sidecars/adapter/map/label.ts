import type { LinearRegex } from '../../core/linear-regex/compile.ts';
import type { LabelText } from '../sample.ts';
import { byLabelName, labelHead, labelValue, quoteLabel } from './labels.ts';
import type { Selector } from './pick/fields.ts';
import { compilePath, compileSelector } from './pick/select.ts';
import type { Template } from './pick/template.ts';
import type { Row } from './row.ts';
import { createRowMemory } from './row-memory.ts';
import type { LabelRule } from './schema.ts';

/** The labels of one row: a text for each name of the level, `` for an empty one, and all of them. */
export interface RowLabels {
  readonly pieces: readonly string[];
  readonly text: LabelText;
}

/** Reads the labels of one row after the other; undefined when the row falls away. */
export type ReadLabels = (row: Row) => RowLabels | undefined;

/** Sorted names of a level's labels, those of the levels around it included. */
export interface LabelLevel {
  readonly names: readonly string[];
  /** Begins with the first row of a document. */
  open(): ReadLabels;
}

/** What a label says for a row; undefined when the row falls away, which has been told. */
type ReadLabel = (row: Row) => string | undefined;

/**
 * Compiles the labels of one level. The texts stay apart until all are known, because labels are
 * sorted by name: the same labels in another order would be the same series.
 */
export function compileLabels(
  rules: Readonly<Record<string, LabelRule>>,
  inherited: readonly string[],
): LabelLevel {
  const names = [...new Set([...inherited, ...Object.keys(rules)])].sort(byLabelName);
  const sources = names.map((name): LabelSource => {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) return { at: inherited.indexOf(name) };
    return { head: labelHead(name), read: compileLabel(name, rule) };
  });
  const join = (said: readonly string[]): RowLabels => {
    const pieces = sources.map((source, at) => {
      const text = said[at] ?? '';
      return 'at' in source || text === '' ? text : source.head + quoteLabel(text);
    });
    return { pieces, text: pieces.filter((piece) => piece !== '').join(',') };
  };
  const memory = createRowMemory(join);
  return {
    names,
    open() {
      const recall = memory.open();
      const said = names.map(() => '');
      return (row) => {
        for (let at = 0; at < sources.length; at++) {
          const source = sources[at] as LabelSource;
          const text = 'at' in source ? row.pieces[source.at] : source.read(row);
          if (text === undefined) return undefined;
          said[at] = text;
        }
        return recall(said);
      };
    },
  };
}

/** Where the text of a name comes from: the levels around, or a rule of this one. */
type LabelSource = { readonly at: number } | { readonly head: string; readonly read: ReadLabel };

function compileLabel(name: string, rule: LabelRule): ReadLabel {
  const detailed = 'value' in rule && !('start' in rule) && !('parts' in rule);
  const read = compileText(name, detailed ? rule.value : rule);
  const refine = detailed ? compileRefinement(rule) : (text: string) => text;
  const missing = detailed ? rule.missing : 'empty';
  return (row) => {
    const found = read(row);
    if (found === undefined) return undefined;
    const text = refine(found);
    const { collector } = row.run;
    if (text === '') {
      if (missing === 'empty') return '';
      const quiet = missing === 'skip';
      collector.drop({ reason: 'missing', metric: '', detail: `label ${name}`, quiet });
      return undefined;
    }
    if (text.length <= collector.labelLength) return text;
    const detail = `label ${name} has ${text.length} characters`;
    collector.drop({ reason: 'label_too_long', metric: '', detail });
    return undefined;
  };
}

function compileText(name: string, source: Selector | Template): ReadLabel {
  if (!('parts' in source)) return compileScalar(name, compileSelector(source));
  const parts = source.parts.map((part) =>
    typeof part === 'string' ? part : compileScalar(name, compilePath(part)),
  );
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'string') return () => only;
  return (row) => {
    let text = '';
    for (const part of parts) {
      const piece = typeof part === 'string' ? part : part(row);
      if (piece === undefined) return undefined;
      text += piece;
    }
    return text;
  };
}

function compileScalar(name: string, read: (row: Row) => unknown): ReadLabel {
  return (row) => {
    const value = read(row);
    if (typeof value === 'string') return value;
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      row.run.inexact = true;
    }
    const text = labelValue(value);
    if (text !== undefined) return text;
    const detail = `label ${name} is ${Array.isArray(value) ? 'a list' : 'an object'}`;
    row.run.collector.drop({ reason: 'bad_label', metric: '', detail });
    return undefined;
  };
}

function compileRefinement(rule: {
  readonly regex?: LinearRegex | undefined;
  readonly map?: Readonly<Record<string, string>> | undefined;
}): (text: string) => string {
  const { regex } = rule;
  const table = rule.map === undefined ? undefined : new Map(Object.entries(rule.map));
  return (text) => {
    const found = regex === undefined ? text : firstGroup(regex, text);
    if (table === undefined || found === '') return found;
    return table.get(found) ?? table.get('default') ?? found;
  };
}

/** The first group of the first match, or the whole match when there are no groups, or ``. */
export function firstGroup(regex: LinearRegex, text: string): string {
  const match = regex.exec(text);
  return (match === null || match.length === 1 ? match?.[0] : match[1]) ?? '';
}
