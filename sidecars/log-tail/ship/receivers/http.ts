import type { OutputOf } from '../config.ts';
import type { Labels } from '../encode/document.ts';
import { halveArray, halveLines } from '../encode/halves.ts';
import { createLineEncoder, renderLine } from '../encode/line-encoder.ts';
import { accepted, type Encoder, type Sink } from '../sink.ts';
import { createPoster } from './post.ts';

/** Lines or JSON objects to any HTTP server, as NDJSON or as a JSON array. */
export function createHttpSink(config: OutputOf<'http'>, labels: Labels): Sink {
  const isArray = config.body === 'array';
  const lines = createLineEncoder(renderLine(config.as, labels));
  const poster = createPoster({
    ...config,
    contentType: isArray ? 'application/json' : contentType(config.as),
  });
  return {
    encoder: isArray ? asArray(lines) : lines,
    async send({ body }, signal) {
      await poster.post(body, signal);
      return accepted;
    },
    halve: (batch) => (isArray ? halveArray(batch, 0) : halveLines(batch)),
    close: poster.close,
  };
}

function contentType(as: 'original' | 'json'): string {
  return as === 'json' ? 'application/x-ndjson' : 'text/plain; charset=utf-8';
}

const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** JSON has no line ends of its own, so those between the lines can become commas. */
function asArray({ add, size, finish }: Encoder): Encoder {
  return {
    add,
    size,
    finish(allocate) {
      const lines = finish((bytes) => allocate(bytes + 1).subarray(1));
      for (let at = lines.indexOf(10); at !== -1; at = lines.indexOf(10, at + 1)) lines[at] = comma;
      const body = Buffer.from(lines.buffer, lines.byteOffset - 1, lines.length + 1);
      body[0] = openBracket;
      body[lines.length] = closeBracket;
      return body;
    },
  };
}
