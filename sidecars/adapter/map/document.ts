import { describeError } from '../../core/errors.ts';

/** How the text of a source is read. */
export interface Reading {
  readonly parse: ParseDocument;
  /** Whether it holds several documents, which are read as an array. */
  readonly several: boolean;
}

/**
 * Reads what a source answered. NaN and Infinity, which are no JSON though Python and others write
 * them, are read as null: one number that is none must not cost all others.
 * @throws SyntaxError that says what the text is, without any of it
 */
export function readDocument(text: string, { parse, several }: Reading): unknown {
  const read = (json: string) => (several ? parseMany(json, parse) : parse(json));
  try {
    return read(text);
  } catch (error) {
    const mended = withoutNaN(text);
    try {
      if (mended !== text) return read(mended);
    } catch {
      // It is the text as it came that something is said of.
    }
    throw new SyntaxError(describeFault(text, error));
  }
}

/** A document of which nobody said how it is read. */
export interface Sample {
  readonly document: unknown;
  /** Whether the text holds several documents. */
  readonly several: boolean;
}

/**
 * Reads a text that is one document, or several after each other.
 * @throws SyntaxError that says what the text is, without any of it
 */
export function readSample(text: string): Sample {
  try {
    return { document: readDocument(text, { parse: parseFast, several: false }), several: false };
  } catch (error) {
    // Only brackets that follow each other make several: what else ends too early is broken.
    if (!/^\s*[{[].*[}\]]\s*[{[]/s.test(text)) throw error;
    return { document: readDocument(text, { parse: parseFast, several: true }), several: true };
  }
}

function withoutNaN(text: string): string {
  if (!/NaN|Infinity/.test(text)) return text;
  return text.replace(/"(?:[^"\\]|\\.)*"?|-?\b(?:NaN|Infinity)\b/gs, (token) =>
    token.startsWith('"') ? token : 'null',
  );
}

/** Why a text is no JSON, without any of it: a document may hold what belongs into no log. */
export function describeFault(text: string, error: unknown): string {
  const start = text.slice(0, 2000);
  if (text.trim() === '') return 'the document is empty';
  if (/^\s*</.test(start)) return 'the document is HTML or XML, not JSON';
  if (/^# (HELP|TYPE) /m.test(start)) {
    return 'the document is a page of Prometheus already; say "format: prometheus"';
  }
  if (
    /^\s*[{[][^\n]*[}\]]\s*\n\s*[{[]/.test(start) &&
    !describeError(error).startsWith('document ')
  ) {
    return 'the document is several documents; say "format: ndjson"';
  }
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
