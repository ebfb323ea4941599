import { JSONPathEnvironment, type JSONValue } from 'json-p3';

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
