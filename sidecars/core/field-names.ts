/** Looks a name up whatever its case. @returns it in lower case, or undefined if it is none of them */
export type FieldNames = (name: string) => string | undefined;

/**
 * A set of field names.
 *
 * @param names in lower case
 */
export function createFieldNames(names: Iterable<string>): FieldNames {
  const known = new Set(names);
  // Most other names are told apart by their length alone, without a lower-case copy of each.
  const lengths = new Set([...known].map(({ length }) => length));
  return (name) => {
    if (!lengths.has(name.length)) return undefined;
    const lower = name.toLowerCase();
    return known.has(lower) ? lower : undefined;
  };
}
