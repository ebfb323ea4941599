/** A rule of the mapping language as it is written: `{counter: "requests_total", value: "n"}`. */
export type WrittenRule = Readonly<Record<string, unknown>>;

/** `${` begins a variable in a config; in a path or a text that we write, it is meant as it stands. */
export function escapeVariables(written: object): Record<string, unknown> {
  const entries = Object.entries(written);
  return Object.fromEntries(entries.map(([key, value]) => [key, escapeValue(value)]));
}

const reference = /\$(?=\{[A-Za-z_]\w*(?::-[^}]*)?\})/g;

function escapeValue(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(reference, '$$$$');
  if (Array.isArray(value)) return value.map(escapeValue);
  return typeof value === 'object' && value !== null ? escapeVariables(value) : value;
}
