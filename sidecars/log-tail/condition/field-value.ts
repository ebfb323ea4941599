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

/** Removes a field, found as {@link readField} finds it. @returns the value it had */
export function takeField(fields: Record<string, unknown> | undefined, name: string): unknown {
  if (fields === undefined) return undefined;
  if (Object.hasOwn(fields, name) || !name.includes('.')) return takeOwn(fields, name);
  const keys = name.split('.');
  const last = keys.pop() ?? '';
  const parent = readField(fields, keys.join('.'));
  return typeof parent === 'object' && parent !== null ? takeOwn(parent, last) : undefined;
}

function takeOwn(fields: object, key: string): unknown {
  const value: unknown = Object.hasOwn(fields, key) ? Reflect.get(fields, key) : undefined;
  Reflect.deleteProperty(fields, key);
  return value;
}
