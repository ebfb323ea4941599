import type { LogRecord } from '../../record.ts';

export type Labels = Readonly<Record<string, string>>;
export type Document = Record<string, unknown>;

/**
 * Everything known about a record as one flat object: when, where from, the labels, its fields; and
 * as `message` the text, unless that is JSON and all in the fields already.
 */
export function toDocument(record: LogRecord, labels: Labels, timeKey = 'time'): Document {
  const { file, fields, text, time, isJson } = record;
  const document: Document = {
    [timeKey]: new Date(time).toISOString(),
    input: file.input,
    file: file.path,
    ...labels,
    ...fields,
  };
  if (!isJson) document['message'] ??= text;
  return document;
}

/** What a person would read of it: the usual message field, or else the text. */
export function messageOf({ fields, text }: LogRecord): string {
  const message = fields?.['message'] ?? fields?.['msg'];
  return typeof message === 'string' ? message : text;
}

/** The same for a record however often it is sent, and unlike that of any other. */
export function recordId({ file, offset }: LogRecord): string {
  return `${file.id}-${offset}`;
}

/** Nanoseconds since the epoch as digits: a number could not hold them. */
export function toNanoseconds(time: number): string {
  return `${Math.round(time * 1000)}000`;
}
