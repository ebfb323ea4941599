type Fields = Readonly<Record<string, unknown>>;

/** A field by its name; a dot goes into a nested one unless a key has the dot in it. */
export function readField(fields: Fields | undefined, name: string): unknown {
  if (fields === undefined) return undefined;
  const value = own(fields, name);
  if (value !== undefined || !name.includes('.')) return value;
  let at: unknown = fields;
  for (const key of name.split('.')) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = own(at as Fields, key);
  }
  return at;
}

function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}
