import { type Document, type ErrorCode, LineCounter, parseDocument, visit } from 'yaml';
import { ConfigError, type Problem } from '../errors.ts';

/** A parsed document, and the problem to report at an offset into its text. */
export interface Parsed {
  readonly document: Document.Parsed;
  problemAtOffset(offset: number, path: string, message: string): Problem;
}

/**
 * Parses YAML 1.2 with merge keys.
 * @throws ConfigError with the first syntax error of every line, and every duplicate key
 */
export function parseYaml(text: string, file: string): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const problemAtOffset = (offset: number, path: string, message: string): Problem => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), path, message };
  };
  const found = [...document.errors, ...document.warnings].map(({ pos, code, message }) =>
    problemAtOffset(pos[0], '', explain(code, message, text.slice(0, pos[0]))),
  );
  if (found.length === 0) found.push(...danglingAliases(document, problemAtOffset));
  if (found.length > 0) throw new ConfigError(firstOfEachLine(found));
  return { document, problemAtOffset };
}

/** What follows on the same line is mostly a consequence. */
function firstOfEachLine(problems: readonly Problem[]): Problem[] {
  const lines = new Map<number, Problem>();
  for (const problem of problems) {
    if (!lines.has(problem.line)) lines.set(problem.line, problem);
  }
  return [...lines.values()];
}

function explain(code: ErrorCode, message: string, before: string): string {
  if (before.endsWith('$')) return 'inside { } and [ ], quote a value with a variable: "${NAME}"';
  return explanations[code] ?? message.split('\n', 1)[0] ?? message;
}

const explanations: Partial<Readonly<Record<ErrorCode, string>>> = {
  DUPLICATE_KEY: 'this key stands here twice; remove one of them',
  BAD_ALIAS: 'a "*" begins an alias in YAML; quote the value if it is meant as a text',
  TAB_AS_INDENT: 'indented with a tab; YAML indents with spaces',
  BAD_INDENT: 'indented unlike the lines around it; keys of one map start in one column',
  BLOCK_AS_IMPLICIT_KEY:
    'a map cannot begin here; quote the text, or mend the indentation of the next line',
  UNEXPECTED_TOKEN: 'this cannot stand here; quote the value if it is meant as a text',
  MULTIPLE_DOCS: 'a second document; podmates.yaml is one, remove the "---"',
  TAG_RESOLVE_FAILED: 'unknown tag; quote the value if it is meant as a text',
};

function danglingAliases(
  document: Document.Parsed,
  problemAtOffset: Parsed['problemAtOffset'],
): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return;
      const message = `*${alias.source} has no &${alias.source} before it`;
      problems.push(problemAtOffset(alias.range?.[0] ?? 0, '', message));
    },
  });
  return problems;
}
