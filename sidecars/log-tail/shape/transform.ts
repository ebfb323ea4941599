import { PodmatesError } from '../../core/errors.ts';
import { loadModule } from '../../core/module.ts';
import type { LogRecord } from '../record.ts';
import type { Step, StepEvents } from './step.ts';

/** What users write to change records: given to {@link defineTransform}. */
export interface TransformDefinition<Options = unknown> {
  readonly name: string;
  /**
   * Changes one record, at once (it cannot wait for anything).
   * @param record to be left as it is: give back `{...record, fields: {...}}`
   * @param options what the config has under `options:` beside `module:`
   * @returns the record to go on with, several of them, or undefined to leave it out. When it
   *   throws, the record goes on as it was, and that is logged and counted.
   */
  transform(record: LogRecord, options: Options): LogRecord | readonly LogRecord[] | undefined;
}

const marker = 'podmates.transform';

/**
 * Makes a step of one's own, for `steps: [{module: ./my-step.ts}]`.
 *
 *     export default defineTransform({
 *       name: 'shout',
 *       transform: (record) => ({ ...record, text: record.text.toUpperCase() }),
 *     });
 */
export function defineTransform<Options = unknown>(
  definition: TransformDefinition<Options>,
): TransformDefinition<Options> {
  return Object.assign({}, definition, { kind: marker });
}

export interface LoadedTransform {
  readonly definition: TransformDefinition;
  readonly options: unknown;
}

/** @throws PodmatesError ERR_MODULE when the file does not export a transform */
export async function loadTransform(file: string, options: unknown): Promise<LoadedTransform> {
  const loaded = await loadModule(file);
  if (isTransform(loaded)) return { definition: loaded, options };
  throw new PodmatesError(
    'ERR_MODULE',
    `the module ${file} does not export a transform as its default; make one with defineTransform`,
  );
}

function isTransform(value: unknown): value is TransformDefinition {
  return typeof value === 'object' && value !== null && Reflect.get(value, 'kind') === marker;
}

export function transform(
  { definition, options }: LoadedTransform,
  events: StepEvents,
  failed: (error: unknown, name: string) => void,
): Step {
  return (next) => (draft) => {
    const { edited: _, ...record } = draft;
    const run = () => {
      try {
        return checkResult(definition.transform(record, options));
      } catch (error) {
        failed(error, definition.name);
        return record;
      }
    };
    const result = run();
    const records = Array.isArray(result) ? result : [result];
    if (records.length === 0) events.leftOut('module');
    for (const one of records) {
      const edited = draft.edited || (one.fields !== record.fields && one.text === record.text);
      next({ ...one, fields: one.fields && { ...one.fields }, edited });
    }
  };
}

/** What a module in JavaScript gives back may be anything. @throws TypeError that says what it is */
function checkResult(result: unknown): readonly LogRecord[] {
  const records: readonly unknown[] =
    result === undefined ? [] : Array.isArray(result) ? result : [result];
  if (records.every(isRecord)) return records;
  const isPromise = records.some((one) => one instanceof Promise);
  throw new TypeError(
    isPromise
      ? 'it returned a promise; a transform cannot wait'
      : 'it returned something else than a record, a list of records or undefined',
  );
}

function isRecord(value: unknown): value is LogRecord {
  if (typeof value !== 'object' || value === null) return false;
  const [text, fields, time] = ['text', 'fields', 'time'].map((key) => Reflect.get(value, key));
  const hasFields = fields === undefined || (typeof fields === 'object' && fields !== null);
  return typeof text === 'string' && Number.isFinite(time) && hasFields && 'file' in value;
}
