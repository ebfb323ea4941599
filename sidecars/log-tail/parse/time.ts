const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const accessTime = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})$/;
const isoTime =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d{2}:?\d{2})?$/;

/** Where logging libraries put the time of a record. */
const usualFields = ['time', 'timestamp', '@timestamp', 'ts', 'date', 'datetime', 't'];

/**
 * Understands RFC 3339 (also with a blank for the T, a comma, or no zone, which means UTC), the time
 * of access logs, and numbers of seconds, milliseconds, microseconds or nanoseconds since the epoch.
 * @returns milliseconds since the epoch; undefined for anything else
 */
export function parseTime(value: unknown): number | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return undefined;
  const iso = isoTime.exec(value);
  if (iso !== null) return fromIso(iso);
  const access = accessTime.exec(value);
  if (access !== null) return fromAccess(access);
  return /^\d{9,19}(?:\.\d+)?$/.test(value) ? fromNumber(Number(value)) : undefined;
}

/** The time that a record's fields tell. */
export function findTime(
  fields: Readonly<Record<string, unknown>>,
  field: string | undefined,
): number | undefined {
  if (field !== undefined) return parseTime(fields[field]);
  for (const name of usualFields) {
    const value = fields[name];
    if (value === undefined) continue;
    const time = parseTime(value);
    if (time !== undefined) return time;
  }
  return undefined;
}

/** From 2001 to 2286 the four units cannot be mistaken for each other. */
function fromNumber(value: number): number | undefined {
  if (!(value >= 1e9)) return undefined;
  if (value < 1e10) return value * 1000;
  if (value < 1e13) return value;
  if (value < 1e16) return value / 1e3;
  return value < 1e19 ? value / 1e6 : undefined;
}

function fromIso([, date, clock = '', fraction, zone = 'Z']: RegExpExecArray): number | undefined {
  const seconds = clock.length === 5 ? ':00' : '';
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const ms = Date.parse(`${date}T${clock}${seconds}${offset}`);
  if (Number.isNaN(ms)) return undefined;
  return fraction === undefined ? ms : ms + Number(`0.${fraction}`) * 1000;
}

function fromAccess([, day, name, year, clock, hours, minutes]: RegExpExecArray) {
  const month = months.indexOf(name ?? '') + 1;
  if (month === 0) return undefined;
  const date = `${year}-${String(month).padStart(2, '0')}-${day}`;
  return Date.parse(`${date}T${clock}${hours}:${minutes}`);
}
