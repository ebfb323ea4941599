import { describeError } from '../../core/errors.ts';

/** Why a text is no JSON, without any of it: a document may hold what belongs into no log. */
export function describeFault(text: string, error: unknown): string {
  if (text.trim() === '') return 'the document is empty';
  if (/^\s*</.test(text)) return 'the document is HTML or XML, not JSON';
  const reason = describeError(error).replace(
    /,? (\.\.\.)?".*"(\.\.\.)?( is not valid JSON)?$/s,
    '',
  );
  return `the document is not JSON: ${reason}`;
}

export type ParseDocument = (text: string) => unknown;

/** Parses a JSON text as fast as the engine can; integers above 2^53 lose digits. */
export function parseFast(text: string): unknown {
  return JSON.parse(text);
}

/** Parses a JSON text with integers that a double cannot hold as bigint. Several times slower. */
export function parseExact(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
    const source = context?.source;
    return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
  });
}

/**
 * Parses several documents that follow each other, one on each line or without anything in between.
 * @throws SyntaxError that says which document is none
 */
export function parseMany(text: string, parse: ParseDocument): unknown[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  try {
    return lines.map((line) => parse(line));
  } catch {
    return splitDocuments(text).map((document, index) => {
      try {
        return parse(document);
      } catch (error) {
        throw new SyntaxError(`document ${index + 1}: ${describeError(error)}`);
      }
    });
  }
}

/** Cuts where a bracket that was opened outermost is closed again. */
function splitDocuments(text: string): string[] {
  const documents: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/gs)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    if (depth !== 0 || token.startsWith('"')) continue;
    documents.push(text.slice(start, index + 1));
    start = index + 1;
  }
  const rest = text.slice(start).trim();
  if (rest !== '') documents.push(rest);
  return documents;
}
