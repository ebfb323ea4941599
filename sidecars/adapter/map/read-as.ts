import type { TimeZone } from './time-zone.ts';

/** How text is read as a number; NaN when it cannot be. */
export type ReadAs = (text: string) => number;
export type As = 'number' | 'bool' | 'duration' | 'date' | 'bytes' | 'percent';

/** @returns the number in its base unit: seconds, bytes, ratio, seconds since the epoch, 0 or 1 */
export const readers: Readonly<Record<As, ReadAs>> = {
  number: readNumber,
  bool: readBool,
  duration: readDuration,
  date: createDateReader(),
  bytes: readBytes,
  percent: (text) => readNumber(text.replace(/\s*%$/, '')) / 100,
};

/** What a number that is no text means under an `as`: only percent, date and bool change it. */
export function readNumeric(as: As | undefined, value: number): number {
  if (as === 'percent') return value / 100;
  if (as === 'bool') return value === 0 ? 0 : 1;
  return as === 'date' ? epochSeconds(value) : value;
}

const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function readNumber(text: string): number {
  const trimmed = text.trim();
  return numberPattern.test(trimmed) ? Number(trimmed) : Number.NaN;
}

const bools: ReadonlyMap<string, number> = new Map([
  ...['true', 'yes', 'on', 'y', 't', '1', 'enabled'].map((word) => [word, 1] as const),
  ...['false', 'no', 'off', 'n', 'f', '0', 'disabled'].map((word) => [word, 0] as const),
]);

function readBool(text: string): number {
  return bools.get(text.trim().toLowerCase()) ?? Number.NaN;
}

const seconds: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  sec: 1,
  second: 1,
  m: 60,
  min: 60,
  minute: 60,
  h: 3600,
  hr: 3600,
  hour: 3600,
  d: 86_400,
  day: 86_400,
  w: 604_800,
  week: 604_800,
  y: 31_536_000,
  year: 31_536_000,
};

/** `3h2m1.5s`, `846:17:56`, `3 days, 4:05:06`, `P1DT2H`, `250 ms`, or plain seconds. */
function readDuration(text: string): number {
  const trimmed = text.trim();
  const sign = trimmed.startsWith('-') ? -1 : 1;
  const body = trimmed.replace(/^[+-]/, '');
  if (/^P(?=.)/i.test(body)) return sign * readIsoDuration(body);
  if (numberPattern.test(body)) return sign * Number(body);
  const clock = /^(.*?)(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(body);
  if (clock === null) return sign * readUnits(body);
  const [, before = '', hours = '0', minutes = '0', rest = '0'] = clock;
  const days = before.replace(/[,\s]+$/, '');
  const whole = days === '' ? 0 : readUnits(days);
  return sign * (whole + Number(hours) * 3600 + Number(minutes) * 60 + Number(rest));
}

function readUnits(text: string): number {
  let total = 0;
  let at = 0;
  const part = /\s*,?\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-z\u00b5\u03bc]+)/giy;
  while (at < text.length) {
    part.lastIndex = at;
    const [, amount, unit = ''] = part.exec(text) ?? [];
    const name = unit.toLowerCase();
    const factor = seconds[name] ?? seconds[name.replace(/s$/, '')];
    if (amount === undefined || factor === undefined) return Number.NaN;
    total += Number(amount) * factor;
    at = part.lastIndex;
  }
  return at === 0 ? Number.NaN : total;
}

/** ISO 8601 durations; a year counts 365 days and a month 30, for want of a calendar. */
function readIsoDuration(text: string): number {
  const number = '(\\d+(?:[.,]\\d+)?)';
  const found = new RegExp(
    `^P(?:${number}Y)?(?:${number}M)?(?:${number}W)?(?:${number}D)?(?:T(?:${number}H)?(?:${number}M)?(?:${number}S)?)?$`,
    'i',
  ).exec(text);
  if (found === null || /[PT]$/i.test(text)) return Number.NaN;
  const factors = [31_536_000, 2_592_000, 604_800, 86_400, 3600, 60, 1];
  return factors.reduce(
    (sum, factor, at) => sum + factor * Number((found[at + 1] ?? '0').replace(',', '.')),
    0,
  );
}

const isoDate = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?\s*(?:Z|[+-]\d\d:?\d\d)$/i;
const localDate = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?$/i;
const httpDate = /^\w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]\d{4})$/;

/**
 * Reads a date with a zone, or a number since the epoch.
 * @param zone of dates that say none, which could mean several moments; without it they are refused
 */
export function createDateReader(zone?: TimeZone): ReadAs {
  return (text) => {
    const trimmed = text.trim();
    if (numberPattern.test(trimmed)) return epochSeconds(Number(trimmed));
    if (httpDate.test(trimmed)) return Date.parse(trimmed) / 1000;
    if (isoDate.test(trimmed)) return readIsoDate(trimmed) / 1000;
    if (zone === undefined || !localDate.test(trimmed)) return Number.NaN;
    return zone.toEpoch(readIsoDate(`${trimmed}Z`)) / 1000;
  };
}

function readIsoDate(text: string): number {
  const iso = text.replace(/^(\d{4}-\d\d-\d\d) /, '$1T').replace(',', '.');
  return Date.parse(iso.replace(/(\.\d{3})\d+/, '$1').replace(/\s+(?=[Z+-]\S*$)/i, ''));
}

/** Seconds, milliseconds, microseconds or nanoseconds since the epoch, told apart by their size. */
function epochSeconds(value: number): number {
  const size = Math.abs(value);
  if (size < 1e11) return value;
  if (size < 1e14) return value / 1e3;
  return size < 1e17 ? value / 1e6 : value / 1e9;
}

const powers = 'kmgtpe';

/** `150G` and `1.5GiB` in powers of 1024, as du and the JVM print; `8192 MB` in powers of 1000. */
function readBytes(text: string): number {
  const found =
    /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(?:bytes?|([kmgtpe])?(i)?(b)?)\s*$/i.exec(text);
  if (found === null) return Number.NaN;
  const [, amount = '', letter, binary, b] = found;
  if (letter === undefined) return binary === undefined ? Number(amount) : Number.NaN;
  const base = binary !== undefined || b === undefined ? 1024 : 1000;
  return Number(amount) * base ** (powers.indexOf(letter.toLowerCase()) + 1);
}
