import { isIPv6 } from 'node:net';
import type { redactNames } from './config.ts';

/** Takes a text and gives it back with what must not be seen masked; the same one if there is nothing. */
export type Mask = (text: string) => string;

/**
 * The patterns below are run by the backtracking engine on text that anybody may have written. Each
 * begins with a look-behind that keeps a second attempt out of what the first has gone over, or has
 * no open repeat: their time is linear in the text.
 */
export const masks: Readonly<Record<(typeof redactNames)[number], Mask>> = {
  email: (text) => (text.includes('@') ? text.replace(email, '[email]') : text),
  card: (text) => text.replace(digitRun, maskCards),
  bearer: (text) => text.replace(bearer, '$1 [token]'),
  jwt: (text) => (text.includes('eyJ') ? text.replace(jwt, '[jwt]') : text),
  ip: (text) => text.replace(ipv4, '[ip]').replace(ipv6, maskIpv6),
};

const email = /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z]{2,}/g;
const digitRun = /(?<!\d|\d[ -])\d(?:[ -]?\d){12,}/g;
const bearer = /\b(bearer)\s{1,4}[A-Za-z0-9._~+/-]{6,}={0,2}/gi;
const jwt = /(?<![\w-])eyJ[\w-]{4,}\.[\w-]{4,}\.[\w-]*/g;
const octet = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const ipv4 = new RegExp(`(?<![\\d.])${octet}(?:\\.${octet}){3}(?!\\d|\\.\\d)`, 'g');
const ipv6 = /(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])/g;

function maskIpv6(text: string): string {
  return isIPv6(text) ? '[ip]' : text;
}

/** Masks cards in digits of which some may belong to what stands before or behind a card. */
function maskCards(run: string): string {
  const groups = [...run.matchAll(/\d+/g)];
  let masked = '';
  let from = 0;
  for (let first = 0; first < groups.length; first += 1) {
    const start = groups[first]?.index ?? 0;
    const end = cardEnd(run, groups, first);
    if (start < from || end === undefined) continue;
    masked += `${run.slice(from, start)}[card]`;
    from = end;
  }
  return masked + run.slice(from);
}

/** Where the longest card ends that begins with this group of digits. */
function cardEnd(
  run: string,
  groups: readonly RegExpExecArray[],
  first: number,
): number | undefined {
  const start = groups[first]?.index ?? 0;
  let digits = 0;
  let found: number | undefined;
  for (const { 0: group, index } of groups.slice(first, first + 19)) {
    digits += group.length;
    if (digits > 19) break;
    const end = index + group.length;
    if (digits >= 13 && isCard(run.slice(start, end))) found = end;
  }
  return found;
}

/** 13 to 19 digits whose check digit is right (ISO/IEC 7812-1, the Luhn algorithm). */
function isCard(text: string): boolean {
  let sum = 0;
  let double = false;
  for (let at = text.length - 1; at >= 0; at -= 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) continue;
    const value = double ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
    double = !double;
  }
  return sum % 10 === 0 && !/^[0 -]*$/.test(text);
}
