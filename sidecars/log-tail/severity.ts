/** The severities every logging library knows, least first. */
export const severities = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Severity = (typeof severities)[number];

/** The keys that logging libraries write it under. */
const keys = ['level', 'severity', 'lvl', 'log.level', 'loglevel', 'levelname', 'severity_text'];

const spellings: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ...severities.map((name) => [name, name] as const),
  ['verbose', 'trace'],
  ['finest', 'trace'],
  ['fine', 'debug'],
  ['dbg', 'debug'],
  ['information', 'info'],
  ['informational', 'info'],
  ['notice', 'info'],
  ['inf', 'info'],
  ['warning', 'warn'],
  ['wrn', 'warn'],
  ['err', 'error'],
  ['severe', 'error'],
  ['critical', 'fatal'],
  ['crit', 'fatal'],
  ['alert', 'fatal'],
  ['emerg', 'fatal'],
  ['emergency', 'fatal'],
  ['panic', 'fatal'],
]);

/** The severity that the fields of a record tell, by the usual names and pino's numbers. */
export function severityOf(
  fields: Readonly<Record<string, unknown>> | undefined,
): Severity | undefined {
  if (fields === undefined) return undefined;
  for (const key of keys) {
    const value = fields[key];
    if (value !== undefined) return toSeverity(value);
  }
  return undefined;
}

function toSeverity(value: unknown): Severity | undefined {
  if (typeof value === 'string') return spellings.get(value.toLowerCase());
  // pino and bunyan: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal
  if (typeof value !== 'number' || value < 10) return undefined;
  return severities[Math.min(6, Math.floor(value / 10)) - 1];
}

export function isSeverity(value: unknown): value is Severity {
  return severities.some((name) => name === value);
}

/** 1 for trace to 6 for fatal; NaN for anything else. */
export function rankOf(value: unknown): number {
  return isSeverity(value) ? severities.indexOf(value) + 1 : Number.NaN;
}
