import type { TextFacts } from './shape.ts';

/** How to read a text as a number, by the words of `as:`. */
export type Reading = 'number' | 'duration' | 'date' | 'bytes' | 'percent';

const patterns: Readonly<Record<Reading, RegExp>> = {
  number: /^-?(0|[1-9]\d{0,17})(\.\d+)?([eE][+-]?\d{1,3})?$/,
  duration:
    /^(?:(\d+y)?(\d+d)?(\d+h)?(\d+m)?(\d+(\.\d+)?s)?|\d+(\.\d+)?(ns|us|µs|ms)|P(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?|\d+:[0-5]\d:[0-5]\d)$/,
  date: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/,
  bytes: /^\d+(\.\d+)?\s*([KMGTP]i?B|[kmgtp]i?b)$/,
  percent: /^\d+(\.\d+)?\s*%$/,
};

/** What every text seen under one path can be read as, or undefined for mere text. */
export function readingOf({ examples }: TextFacts): Reading | undefined {
  const texts = [...examples].filter((text) => text !== '');
  if (texts.length === 0) return undefined;
  for (const [reading, pattern] of Object.entries(patterns)) {
    if (isReading(reading) && texts.every((text) => text !== 'P' && pattern.test(text))) {
      return reading;
    }
  }
  return undefined;
}

function isReading(text: string): text is Reading {
  return Object.hasOwn(patterns, text);
}

/** States that programs report in these very words; what else a program reports is `other`. */
const stateFamilies: readonly (readonly string[])[] = [
  ['green', 'yellow', 'red'],
  ['up', 'down', 'unknown', 'out_of_service'],
  ['pass', 'warn', 'fail'],
  ['ok', 'warning', 'critical', 'unknown', 'error'],
  ['ok', 'degraded', 'down', 'error', 'failed'],
  ['healthy', 'unhealthy', 'degraded', 'starting', 'unknown'],
  ['starting', 'ready', 'draining', 'stopping', 'stopped'],
  ['starting', 'running', 'stopping', 'stopped', 'paused', 'idle', 'failed', 'crashed'],
  ['active', 'inactive', 'failed', 'pending', 'disabled'],
  ['open', 'half_open', 'closed'],
  ['leader', 'follower', 'candidate', 'learner'],
  ['master', 'replica', 'slave'],
  ['primary', 'secondary', 'arbiter'],
  ['online', 'offline'],
  ['enabled', 'disabled'],
  ['connected', 'connecting', 'disconnected', 'reconnecting'],
];

const stateWords = new Set('state status health phase condition role mode'.split(' '));

/** States of a family, of which others may turn up. */
export interface StateNames {
  readonly states: readonly string[];
  /** Stands for every state that is not listed: a draft has not seen all of them. */
  readonly other: string;
}

/**
 * All states of the family that the texts belong to, written as the app writes them, and those of
 * the texts that the family does not know.
 * @param decided whether the texts were taken for states before: then a new one changes nothing
 */
export function statesOf(
  words: readonly string[],
  { examples }: TextFacts,
  decided: boolean,
): StateNames | undefined {
  const texts = [...examples].filter((text) => text !== '');
  const [first] = texts;
  if (first === undefined || !words.some((word) => stateWords.has(word))) return undefined;
  const family =
    stateFamilies.find((states) => texts.every((text) => states.includes(text.toLowerCase()))) ??
    (decided ? stateFamilies.find((states) => states.includes(first.toLowerCase())) : undefined);
  if (family === undefined) return undefined;
  const write = writingOf(first);
  return { states: [...new Set([...family.map(write), ...texts])], other: write('other') };
}

function writingOf(text: string): (state: string) => string {
  if (text === text.toUpperCase()) return (state) => state.toUpperCase();
  return /^[A-Z]/.test(text) ? capitalized : (state) => state;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const identityWords = new Set(
  `version commit revision sha build branch release edition name id uuid host hostname node cluster
  region zone datacenter environment env platform arch architecture os runtime mode role type engine
  language go java vendor product application app service component channel state status phase
  health tier model serial kernel distribution flavor variant`.split(/\s+/),
);

const secretWords = new Set(
  'password passwd passphrase secret token credential credentials authorization cookie apikey private salt signature'.split(
    ' ',
  ),
);

/** Whether a text tells what or who runs, so that it belongs into a label of an info metric. */
export function isIdentity(words: readonly string[], { examples, longest }: TextFacts): boolean {
  if (isSecret(words) || longest > 120) return false;
  const plain = [...examples].every((text) => !/[\n\r]/.test(text));
  return plain && words.some((word) => identityWords.has(word));
}

/** Names whose values must not leave the document, whatever they look like. */
export function isSecret(words: readonly string[]): boolean {
  const name = words.join(' ');
  return (
    words.some((word) => secretWords.has(word)) || /^(api|access|ssh|license)? ?key$/.test(name)
  );
}
