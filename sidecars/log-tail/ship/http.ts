import type { OutputOf } from './config.ts';
import type { Labels } from './document.ts';
import { createLineEncoder, renderLine } from './line-encoder.ts';
import { createPoster } from './post.ts';
import { accepted, type Encoder, type Sink } from './sink.ts';

/** Lines or JSON objects to any HTTP server, as NDJSON or as a JSON array. */
export function createHttpSink(config: OutputOf<'http'>, labels: Labels): Sink {
  const isArray = config.body === 'array';
  const lines = createLineEncoder(renderLine(config.as, labels));
  const poster = createPoster({
    ...config,
    headers: {},
    contentType: isArray ? 'application/json' : contentType(config.as),
  });
  return {
    encoder: isArray ? asArray(lines) : lines,
    async send({ body }, signal) {
      await poster.post(body, signal);
      return accepted;
    },
    close: poster.close,
  };
}

function contentType(as: 'original' | 'json'): string {
  return as === 'json' ? 'application/x-ndjson' : 'text/plain; charset=utf-8';
}

/** JSON has no line ends of its own, so those between the lines can become commas. */
function asArray({ add, size, finish }: Encoder): Encoder {
  return {
    add,
    size,
    finish() {
      const body = finish();
      for (let at = body.indexOf(10); at !== -1; at = body.indexOf(10, at + 1)) body[at] = 44;
      return Buffer.concat([Buffer.from('['), body.subarray(0, -1), Buffer.from(']')]);
    },
  };
}
