const secretName =
  /authorization|cookie|token|secret|passw|credential|signature|(^|[-_.])(api)?key$/i;

/**
 * The config as anybody may see it. Secrets by reference mask themselves; this hides what stands in
 * headers and queries under the name of a secret, where `${NAME}` may have put one.
 */
export function showConfig(config: unknown): string {
  return JSON.stringify(config, hide, 2);
}

function hide(key: string, value: unknown): unknown {
  if (typeof value === 'string') return hideInUrl(value);
  const named = key === 'headers' || key === 'query';
  if (!named || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, text]: [string, unknown]) => [
      name,
      typeof text === 'string' && secretName.test(name) ? '(hidden)' : text,
    ]),
  );
}

function hideInUrl(text: string): string {
  if (!/^https?:\/\/[^?#]*\?/.test(text) || !URL.canParse(text)) return text;
  return text.replace(/([?&])([^=&#]+)=[^&#]*/g, (whole, mark: string, name: string) =>
    secretName.test(name) ? `${mark}${name}=(hidden)` : whole,
  );
}
