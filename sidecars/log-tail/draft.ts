import type { LogRecord } from './record.ts';

/** A record on its way through the steps, which change it in place. */
export interface Draft {
  readonly file: LogRecord['file'];
  readonly offset: number;
  readonly next: number;
  text: string;
  fields: Record<string, unknown> | undefined;
  time: number;
  /** Whether `fields` were changed and `text` does not say so yet. */
  edited: boolean;
}

export function toDraft({ file, offset, next, text, fields, time }: LogRecord): Draft {
  return { file, offset, next, text, fields: fields && { ...fields }, time, edited: false };
}

/** Writes a JSON record anew when its fields were changed; other formats keep their text. */
export function settleText(draft: Draft): void {
  if (!draft.edited) return;
  draft.edited = false;
  if (draft.fields !== undefined && isJsonText(draft.text)) {
    draft.text = JSON.stringify(draft.fields);
  }
}

/** Whether the text of a record that has fields is the JSON object they were read from. */
export function isJsonText(text: string): boolean {
  return text.trimStart().startsWith('{');
}
