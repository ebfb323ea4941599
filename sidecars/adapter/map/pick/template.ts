import { isPlural, type Path, type PathFault, parsePath } from './path.ts';

/** Text with values in it. */
export interface Template {
  readonly parts: readonly (string | Path)[];
}

/** Reads `planet-{location}`; `{{` and `}}` stand for the braces themselves. */
export function parseTemplate(text: string): Template | PathFault {
  const parts: (string | Path)[] = [];
  let literal = '';
  for (const [piece, inside] of text.matchAll(/\{\{|\}\}|\{([^{}]*)\}|[^{}]+|[{}]/g)) {
    if (inside !== undefined) {
      const path = parsePath(inside);
      if ('fault' in path) return path;
      if (isPlural(path)) return { fault: `"${inside}" matches many values, and one is wanted` };
      if (literal !== '') parts.push(literal);
      literal = '';
      parts.push(path);
    } else if (piece === '{' || piece === '}') {
      return { fault: `a lone "${piece}"; write it twice to mean itself` };
    } else {
      literal += piece === '{{' || piece === '}}' ? piece.charAt(0) : piece;
    }
  }
  if (literal !== '' || parts.length === 0) parts.push(literal);
  return { parts };
}
