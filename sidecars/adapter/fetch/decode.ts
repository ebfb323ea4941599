import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib';
import { describeError } from '../../core/errors.ts';
import { SourceError } from './body.ts';

type Unpack = (packed: Buffer, maxBytes: number) => Promise<Buffer>;

const unpackers: Readonly<Record<string, Unpack>> = {
  gzip: (packed, maxOutputLength) => promisify(gunzip)(packed, { maxOutputLength }),
  'x-gzip': (packed, maxOutputLength) => promisify(gunzip)(packed, { maxOutputLength }),
  br: (packed, maxOutputLength) => promisify(brotliDecompress)(packed, { maxOutputLength }),
  zstd: (packed, maxOutputLength) => promisify(zstdDecompress)(packed, { maxOutputLength }),
  deflate: unpackDeflate,
  identity: async (bytes) => bytes,
};

/** RFC 9110 section 8.4.1.2 means zlib; some servers send the bare stream inside it. */
async function unpackDeflate(packed: Buffer, maxOutputLength: number): Promise<Buffer> {
  const hasHeader = packed.length > 0 && ((packed[0] ?? 0) & 0x0f) === 8;
  return promisify(hasHeader ? inflate : inflateRaw)(packed, { maxOutputLength });
}

/**
 * Undoes the content codings of an answer, the last one first (RFC 9110 section 8.4).
 * @param maxBytes bounds every step, so that a small answer cannot unpack to a huge one
 * @throws SourceError encoding or too_large
 */
export async function decodeBody(
  bytes: Buffer,
  contentEncoding: string | undefined,
  maxBytes: number,
): Promise<Buffer> {
  const codings = (contentEncoding ?? '').toLowerCase().split(',');
  const named = codings.map((coding) => coding.trim()).filter((coding) => coding !== '');
  if (named.length > 3) throw new SourceError('encoding', `packed ${named.length} times`);
  let body = bytes;
  for (const coding of named.reverse()) {
    const unpack = Object.hasOwn(unpackers, coding) ? unpackers[coding] : undefined;
    if (unpack === undefined) throw new SourceError('encoding', `unknown content coding ${coding}`);
    try {
      body = await unpack(body, maxBytes);
    } catch (error) {
      throw toSourceError(error, coding, maxBytes);
    }
  }
  return body;
}

function toSourceError(error: unknown, coding: string, maxBytes: number): SourceError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_BUFFER_TOO_LARGE') {
    const reason = `unpacks to more than ${maxBytes} bytes; maxBody is the limit`;
    return new SourceError('too_large', reason, { cause: error });
  }
  const reason = `not valid ${coding}: ${describeError(error)}`;
  return new SourceError('encoding', reason, { cause: error });
}
