/**
 * Everything that inject puts into a file stands between marks, which are comments. Taking it out is
 * a matter of text alone, so that the file is afterwards byte for byte what it was.
 */
export interface Edit {
  /** Offset in the text. */
  readonly at: number;
  readonly text: string;
  /** Of two edits for the same place, the one for what is nested deeper comes first. */
  readonly depth: number;
}

const begin = '# podmates:begin (podmates inject --remove takes this out)';
const beginAtEnd = '# podmates:begin at the end (podmates inject --remove takes this out)';
const end = '# podmates:end';
const beginFlow = '# podmates:in';
const endFlow = '# podmates:out';
const was = '# podmates:was ';

/** Whole lines, put in at the beginning of a line or at the end of the text. */
export function linesEdit(
  source: string,
  at: number,
  indent: number,
  lines: readonly string[],
  depth = indent,
): Edit {
  const eol = lineEndOf(source);
  const margin = ' '.repeat(indent);
  const open = at === source.length && !source.endsWith('\n') && source !== '';
  const all = [open ? beginAtEnd : begin, ...lines, end].map((line) =>
    line === '' ? '' : margin + line,
  );
  return { at, depth, text: open ? eol + all.join(eol) : all.join(eol) + eol };
}

/** Text put in before the closing bracket of a flow collection. */
export function flowEdit(source: string, at: number, indent: number, text: string): Edit {
  const eol = lineEndOf(source);
  const margin = eol + ' '.repeat(indent);
  return { at, depth: indent, text: ` ${beginFlow}${margin}${text}${margin}${endFlow}${margin}` };
}

/** Another value in front of the one at this place, which becomes a comment. */
export function replaceEdit(at: number, value: string): Edit {
  return { at, depth: 0, text: `${value}${value === '' ? '' : ' '}${was}` };
}

/** Applies edits of one text; those for the same place and depth keep their order. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  const sorted = edits
    .map((edit, index) => ({ ...edit, index }))
    .sort((a, b) => a.at - b.at || b.depth - a.depth || a.index - b.index);
  let result = '';
  let from = 0;
  for (const { at, text } of sorted) {
    result += source.slice(from, at) + text;
    from = at;
  }
  return result + source.slice(from);
}

/** The text without anything that inject has put in. */
export function removeMarked(text: string): string {
  return text
    .replace(
      /\r?\n *# podmates:begin at the end [\s\S]*?# podmates:end(?=\r?\n *# podmates:begin|$)/g,
      '',
    )
    .replace(/^ *# podmates:begin \([\s\S]*?^ *# podmates:end\r?\n/gm, '')
    .replace(/ # podmates:in\r?\n[\s\S]*?# podmates:out\r?\n */g, '')
    .replace(/(?:"[^"\n]*" )?# podmates:was /g, '');
}

export function hasMarks(text: string): boolean {
  return /# podmates:(begin|in|was)/.test(text);
}

export function lineEndOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}
