import type { LogRecord } from '../record.ts';
import { type Labels, toDocument } from './document.ts';
import type { Encoder } from './sink.ts';

export type RenderLine = (record: LogRecord) => string;

/** How a record becomes a line: as it was written, or as one JSON object. */
export function renderLine(as: 'original' | 'json', labels: Labels): RenderLine {
  if (as === 'original') return ({ text }) => text;
  return (record) => JSON.stringify(toDocument(record, labels));
}

/** Lines, each with its line end. */
export function createLineEncoder(render: RenderLine): Encoder {
  let chunks: Buffer[] = [];
  let chunkBytes = 0;
  let text = '';
  const settle = () => {
    if (text === '') return;
    const chunk = Buffer.from(text, 'utf8');
    chunks.push(chunk);
    chunkBytes += chunk.length;
    text = '';
  };
  return {
    add(record) {
      text += `${render(record)}\n`;
    },
    addLines(bytes) {
      settle();
      chunks.push(Buffer.from(bytes));
      chunkBytes += bytes.length;
    },
    size: () => chunkBytes + text.length,
    finish() {
      settle();
      const [only] = chunks;
      const body = chunks.length === 1 && only ? only : Buffer.concat(chunks, chunkBytes);
      chunks = [];
      chunkBytes = 0;
      return body;
    },
  };
}
