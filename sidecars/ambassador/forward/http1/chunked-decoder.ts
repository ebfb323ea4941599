import { malformed, readFieldLines } from './response-head.ts';

/** What comes out of a chunked body. */
export interface ChunkedEvents {
  /** Data inside the memory that was fed; copy what must outlive the call. */
  data(bytes: Buffer): void;
  /** The body is over; trailer fields as names and values in turn. */
  end(trailers: readonly string[]): void;
}

export interface ChunkedDecoder {
  /**
   * Decodes from `start` on.
   * @returns where the body ended in the buffer, or -1 when there is more to come
   * @throws PodmatesError ERR_HTTP for anything but RFC 9112 section 7.1
   */
  feed(buffer: Buffer, start: number): number;
}

const maxLineLength = 4096; // a chunk size with its extensions
const maxTrailerLength = 16_384;
const chunkLine =
  /^([0-9A-Fa-f]{1,12})(?:;[!#$%&'*+.^_`|~\w-]+(?:=(?:[!#$%&'*+.^_`|~\w-]+|"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"))?)*$/;
const forbiddenInTrailer = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;

const framingField = /^(?:content-length|transfer-encoding)$/i;

type State = 'size' | 'data' | 'data-end' | 'trailer';

/** A decoder for one chunked body (RFC 9112 section 7.1): CRLF line ends only, extensions ignored. */
export function createChunkedDecoder(events: ChunkedEvents): ChunkedDecoder {
  let state: State = 'size';
  let remaining = 0;
  let line = '';
  let trailer = '';

  /** Takes one line over as many buffers as it needs; undefined while its end has not come. */
  const takeLine = (buffer: Buffer, start: number, max: number): number | undefined => {
    const feedAt = buffer.indexOf(0x0a, start);
    line += buffer.toString('latin1', start, feedAt < 0 ? buffer.length : feedAt + 1);
    if (line.length > max) throw malformed('a line in a chunked body is too long');
    if (feedAt < 0) return undefined;
    if (!line.endsWith('\r\n')) throw malformed('a bare line feed in a chunked body');
    return feedAt + 1;
  };
  const beginChunk = () => {
    const size = chunkLine.exec(line.slice(0, -2))?.[1];
    if (size === undefined) throw malformed('a chunk size that is no number');
    line = '';
    remaining = Number.parseInt(size, 16);
    state = remaining === 0 ? 'trailer' : 'data';
  };
  const readTrailers = (): string[] => {
    if (forbiddenInTrailer.test(trailer)) throw malformed('control characters in the trailers');
    const trailers: string[] = [];
    readFieldLines(trailer, 0, (name, value) => {
      if (framingField.test(name)) throw malformed('a framing field in the trailers');
      trailers.push(name, value);
    });
    return trailers;
  };
  return {
    feed(buffer, start) {
      let at = start;
      while (at < buffer.length) {
        if (state === 'data') {
          const end = Math.min(buffer.length, at + remaining);
          remaining -= end - at;
          if (remaining === 0) state = 'data-end';
          events.data(buffer.subarray(at, end));
          at = end;
          continue;
        }
        const next = takeLine(buffer, at, maxLineLength);
        if (next === undefined) return -1;
        at = next;
        if (state === 'size') beginChunk();
        else if (state === 'data-end') {
          if (line !== '\r\n') throw malformed('no line end behind a chunk');
          line = '';
          state = 'size';
        } else if (line === '\r\n') {
          events.end(readTrailers());
          return at;
        } else {
          trailer += line;
          line = '';
          if (trailer.length > maxTrailerLength) throw malformed('the trailers are too long');
        }
      }
      return -1;
    },
  };
}
