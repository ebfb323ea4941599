import type { LogRecord } from '../../record.ts';
import type { Encoder } from '../sink.ts';
import { createBodyBuffer } from './body-buffer.ts';
import { type Labels, toDocument } from './document.ts';

export type RenderLine = (record: LogRecord) => string;

/** How a record becomes a line: as it was written, or as one JSON object. */
export function renderLine(as: 'original' | 'json', labels: Labels): RenderLine {
  if (as === 'original') return ({ text }) => text;
  return (record) => JSON.stringify(toDocument(record, labels));
}

/** Lines, each with its line end. */
export function createLineEncoder(render: RenderLine): Encoder {
  const body = createBodyBuffer();
  return {
    add: (record) => body.putText(`${render(record)}\n`),
    addLines: body.putBytes,
    size: body.size,
    finish: body.take,
  };
}
