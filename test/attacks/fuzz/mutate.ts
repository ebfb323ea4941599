import type { Random } from './random.ts';

const odd = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '#',
  '%',
  '\x0b',
  '\x7f',
  '\x80',
] as const;
const grafts = [
  'Transfer-Encoding: chunked\r\n',
  'Content-Length: 7\r\n',
  'Content-Length: 0\r\n',
  '0\r\n\r\n',
  'GET /secret/graft HTTP/1.1\r\nHost: a\r\n\r\n',
  'Connection: close\r\n',
  '\r\n\r\n',
] as const;

/** Changes a text (latin1) in a few places, as somebody would who looks for a gap. */
export function mutate(text: string, random: Random): string {
  let mutated = text;
  for (let left = random.below(4); left > 0; left--) mutated = mutateOnce(mutated, random);
  return mutated;
}

function mutateOnce(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  switch (random.below(6)) {
    case 0: // leave something out
      return text.slice(0, at) + text.slice(at + 1 + random.below(3));
    case 1: // put something odd in
      return text.slice(0, at) + random.pick(odd) + text.slice(at);
    case 2: // replace
      return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
    case 3: // say something twice
      return text.slice(0, at) + text.slice(Math.max(0, at - random.below(40)));
    case 4: {
      const line = Math.max(0, text.lastIndexOf('\r\n', at)) + 2;
      return text.slice(0, line) + random.pick(grafts) + text.slice(line);
    }
    default: // change the case of a word
      return text.slice(0, at) + text.slice(at, at + 5).toUpperCase() + text.slice(at + 5);
  }
}
