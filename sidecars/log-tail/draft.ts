import type { LogRecord } from './record.ts';

/** A record on its way through the steps, which change it in place. */
export interface Draft {
  readonly file: LogRecord['file'];
  readonly offset: number;
  readonly next: number;
  text: string;
  fields: Record<string, unknown> | undefined;
  readonly isJson: boolean;
  time: number;
  /** Whether `fields` were changed and `text` does not say so yet. */
  edited: boolean;
}

/** Writes a JSON record anew when its fields were changed; other formats keep their text. */
export function settleText(draft: Draft): void {
  if (!draft.edited) return;
  draft.edited = false;
  if (draft.isJson) draft.text = JSON.stringify(draft.fields);
}
