/** One JSON object per record. */
export function parseJson(text: string): Record<string, unknown> | undefined {
  if (!looksLikeObject(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // counted by the caller, who knows whether JSON was expected
  }
}

function looksLikeObject(text: string): boolean {
  let at = 0;
  while (text.charCodeAt(at) <= 32) at += 1;
  return text.charCodeAt(at) === 123;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
