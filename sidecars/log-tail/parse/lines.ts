import { isAscii } from 'node:buffer';
import type { Lines } from '../record.ts';
import type { Encoding } from './config.ts';

/** Takes one line without its line end, and where it and what follows it begin in the file. */
export type OnLine = (text: string, offset: number, next: number) => void;

/** Splits what the follower read of one file into lines of text. */
export interface LineReader {
  read(lines: Lines, onLine: OnLine): void;
  /** Where the bytes begin that it holds back, if it holds any: half of a wide character. */
  held(): number | undefined;
}

/**
 * A line ends with LF or CRLF; a byte order mark at the beginning of a file is left out; bytes that
 * the encoding does not have become U+FFFD.
 */
export function createLineReader(encoding: Encoding): LineReader {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return createWideReader(encoding);
  const isUtf8 = encoding === 'utf-8';
  return {
    held: () => undefined,
    read(lines, onLine) {
      const { bytes, offset } = lines;
      const start = isUtf8 && offset === 0 ? markLength(bytes) : 0;
      if (isUtf8 && !isAscii(bytes)) splitBytes(lines, start, onLine);
      else splitText(bytes.toString('latin1'), lines, start, onLine);
    },
  };
}

/** One decoding for all lines: with one byte to a character, places in the text are offsets. */
function splitText(text: string, { offset, next }: Lines, start: number, onLine: OnLine): void {
  const length = text.length;
  for (let at = start; at < length; ) {
    const found = text.indexOf('\n', at);
    const end = found === -1 ? length : found;
    const after = found === -1 ? length : found + 1;
    const cut = text.charCodeAt(end - 1) === 13 && end > at ? end - 1 : end;
    onLine(text.slice(at, cut), offset + at, after === length ? next : offset + after);
    at = after;
  }
}

function splitBytes({ bytes, offset, next }: Lines, start: number, onLine: OnLine): void {
  const length = bytes.length;
  for (let at = start; at < length; ) {
    const found = bytes.indexOf(10, at);
    const end = found === -1 ? length : found;
    const after = found === -1 ? length : found + 1;
    const cut = bytes[end - 1] === 13 && end > at ? end - 1 : end;
    onLine(bytes.toString('utf8', at, cut), offset + at, after === length ? next : offset + after);
    at = after;
  }
}

function markLength(bytes: Buffer): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/**
 * UTF-16. The follower ends its runs at a byte 0x0A, which here is half of a line end or even of
 * another character: what is behind the last whole line end waits for the next run.
 */
function createWideReader(encoding: 'utf-16le' | 'utf-16be'): LineReader {
  let rest = Buffer.alloc(0);
  let restAt = 0;

  const decode = (bytes: Buffer) => {
    if (encoding === 'utf-16le') return bytes.toString('utf16le');
    return Buffer.from(bytes).swap16().toString('utf16le');
  };
  return {
    held: () => (rest.length > 0 ? restAt : undefined),
    read({ bytes, offset, next, partial, cut }, onLine) {
      const start = rest.length > 0 ? restAt : offset;
      const all = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
      const last = partial || cut > 0;
      const text = decode(all.subarray(0, all.length & ~1));
      let at = start === 0 && text.charCodeAt(0) === 0xfeff ? 1 : 0;
      for (let end = text.indexOf('\n', at); end !== -1; end = text.indexOf('\n', at)) {
        const line = text.slice(at, end);
        onLine(line.endsWith('\r') ? line.slice(0, -1) : line, start + at * 2, start + end * 2 + 2);
        at = end + 1;
      }
      if (last && at < text.length) {
        onLine(text.slice(at), start + at * 2, next);
        at = text.length;
      }
      rest = last ? Buffer.alloc(0) : Buffer.from(all.subarray(at * 2));
      restAt = start + at * 2;
    },
  };
}
