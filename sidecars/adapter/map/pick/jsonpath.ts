import {
  type FilterFunction,
  FunctionExpressionType,
  JSONPathEnvironment,
  type JSONValue,
} from 'json-p3';
import { compileLinearRegex, type LinearRegex } from '../../../core/linear-regex/compile.ts';

/** A thing that a query found, with the last key or index of its place. */
export interface Found {
  readonly value: unknown;
  readonly key: string | number | undefined;
}

/** A compiled query of RFC 9535. */
export interface JsonPath {
  all(value: unknown): readonly Found[];
  first(value: unknown): unknown;
}

const environment = new JSONPathEnvironment({ maxRecursionDepth: 500 });
environment.functionRegister.set('match', patternFunction(true));
environment.functionRegister.set('search', patternFunction(false));

/**
 * `match` and `search` of RFC 9535 section 2.4, in linear time: their pattern may come from the
 * document. A pattern that is none of RFC 9485 makes them false.
 */
function patternFunction(whole: boolean): FilterFunction {
  const compiled = new Map<string, LinearRegex | undefined>();
  const compile = (pattern: string) => {
    if (compiled.size > 100) compiled.clear();
    if (!compiled.has(pattern)) compiled.set(pattern, compilePattern(pattern, whole));
    return compiled.get(pattern);
  };
  return {
    argTypes: [FunctionExpressionType.ValueType, FunctionExpressionType.ValueType],
    returnType: FunctionExpressionType.LogicalType,
    call: (text: unknown, pattern: unknown) =>
      typeof text === 'string' &&
      typeof pattern === 'string' &&
      compile(pattern)?.test(text) === true,
  };
}

/** In RFC 9485 a dot matches everything but line feed and carriage return, and no anchors exist. */
function compilePattern(pattern: string, whole: boolean): LinearRegex | undefined {
  const body = pattern.replace(/\\.|\[(?:[^\]\\]|\\.)*\]|\./gs, (part) =>
    part === '.' ? '[^\\n\\r]' : part,
  );
  try {
    return compileLinearRegex(whole ? `^(?:${body})$` : body);
  } catch {
    return undefined;
  }
}

/** @throws Error that says where the query is not one of RFC 9535 */
export function compileJsonPath(text: string): JsonPath {
  const query = environment.compile(text);
  return {
    // A document comes from JSON.parse; the library asks for that in its types.
    all: (value) =>
      query.query(value as JSONValue).nodes.map((node) => ({
        value: node.value,
        key: node.location.at(-1),
      })),
    first: (value) => query.match(value as JSONValue)?.value,
  };
}
