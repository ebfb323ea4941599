import { readField } from '../condition/field-value.ts';
import type { Draft } from '../draft.ts';
import type { RedactRule } from './config.ts';
import { type Mask, masks } from './masks.ts';
import type { Step, StepEvents } from './step.ts';

const hidden = '[redacted]';

/**
 * Masks what must not be seen, in the text and in the fields alike. A JSON record is masked value by
 * value and written anew, so that neither an escape nor a number can hide anything.
 */
export function redact(rules: readonly RedactRule[], events: StepEvents): Step {
  const names = new Set(rules.flatMap((rule) => fieldOf(rule) ?? []));
  const all = rules.flatMap((rule) => maskOf(rule) ?? []);
  const mask: Mask = (text) => all.reduce((masked, one) => one(masked), text);
  return (next) => (draft) => {
    const before = draft.text;
    const changed = draft.isJson
      ? redactFields(draft, names, mask)
      : redactText(draft, names, mask);
    if (changed || draft.text !== before) events.redacted();
    next(draft);
  };
}

function fieldOf(rule: RedactRule): string | undefined {
  return typeof rule === 'object' && 'field' in rule ? rule.field : undefined;
}

function maskOf(rule: RedactRule): Mask | undefined {
  if (typeof rule === 'string') return masks[rule];
  if ('field' in rule) return undefined;
  const { pattern, as } = rule;
  return (text) => pattern.replaceAll(text, () => as);
}

function redactFields(draft: Draft, names: ReadonlySet<string>, mask: Mask): boolean {
  const masked = redactValue(draft.fields, { names, mask, source: draft.text }, '');
  if (masked === draft.fields) return false;
  draft.fields = masked as Record<string, unknown>;
  draft.edited = true;
  return true;
}

interface Redaction {
  readonly names: ReadonlySet<string>;
  readonly mask: Mask;
  /** What the value was read from. */
  readonly source: string;
}

/** @returns the value itself when there was nothing to mask in it */
function redactValue(value: unknown, redaction: Redaction, path: string): unknown {
  const { names, mask } = redaction;
  if (typeof value === 'string') return mask(value);
  if (typeof value === 'number') return redactNumber(value, redaction);
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => redactValue(item, redaction, path));
    return items.some((item, at) => item !== value[at]) ? items : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  let changed = false;
  const entries = Object.entries(value).map(([key, item]: [string, unknown]) => {
    const at = path === '' ? key : `${path}.${key}`;
    const isNamed = names.has(key) || names.has(at);
    const masked = isNamed && item !== null ? hidden : redactValue(item, redaction, at);
    const name = mask(key);
    changed ||= masked !== item || name !== key;
    return [name, masked];
  });
  return changed ? Object.fromEntries(entries) : value;
}

function redactNumber(value: number, { mask, source }: Redaction): number | string {
  for (const digits of digitsOf(value, source)) {
    const masked = mask(digits);
    if (masked !== digits) return masked;
  }
  return value;
}

/** Of a whole number beyond 2^53, such as a card's with 17 digits or more, the last ones got lost. */
function digitsOf(value: number, source: string): readonly string[] {
  if (Number.isSafeInteger(value) || !Number.isInteger(value)) return [String(value)];
  return (source.match(/\d{16,}/g) ?? []).filter((digits) => Number(digits) === value);
}

/** Where the text is not JSON, what a named field holds is masked wherever it stands in the text. */
function redactText(draft: Draft, names: ReadonlySet<string>, mask: Mask): boolean {
  const { fields } = draft;
  let text = draft.text;
  for (const name of names) {
    const value = readField(fields, name);
    if (value !== undefined && value !== '' && value !== true) {
      text = text.replaceAll(String(value), hidden);
    }
  }
  draft.text = mask(text);
  if (fields === undefined) return false;
  const masked = redactValue(fields, { names, mask, source: draft.text }, '');
  draft.fields = masked as Record<string, unknown>;
  return masked !== fields;
}
