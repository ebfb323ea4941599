import { open } from 'node:fs/promises';
import { describeError } from '../../core/errors.ts';
import { type Body, type Fetch, SourceError } from './body.ts';

/**
 * Reads a file as a document, as it is at that moment. A writer should put a new file in its place
 * by rename; a file that is rewritten in place may be read half.
 */
export function createFileFetch(file: string, maxBytes: number): Fetch {
  return async (signal) => {
    try {
      return await readBounded(file, maxBytes, signal);
    } catch (error) {
      if (error instanceof SourceError) throw error;
      throw new SourceError('file', `cannot read ${file}: ${describeError(error)}`, {
        cause: error,
      });
    }
  };
}

async function readBounded(file: string, maxBytes: number, signal: AbortSignal): Promise<Body> {
  const handle = await open(file, 'r');
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of handle.createReadStream({ signal, autoClose: false })) {
      const bytes = Buffer.from(chunk);
      length += bytes.length;
      if (length > maxBytes) {
        throw new SourceError('too_large', `${file} is longer than ${maxBytes} bytes (maxBody)`);
      }
      chunks.push(bytes);
    }
    return { bytes: Buffer.concat(chunks, length), contentType: undefined };
  } finally {
    await handle.close();
  }
}
