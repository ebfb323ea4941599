import * as z from 'zod';
import { describeError } from '../../core/errors.ts';
import { parseCondition } from './parse.ts';
import type { Condition } from './syntax.ts';

/** A condition of the config: the source for those who look at the config, and what it means. */
export interface ConditionSource {
  readonly source: string;
  readonly condition: Condition;
  toJSON(): string;
}

/** A config field that holds a condition such as `level == "debug"`. */
export function condition(): z.ZodType<ConditionSource, string> {
  return z
    .string()
    .min(1, { abort: true })
    .transform((source, context): ConditionSource => {
      try {
        return { source, condition: parseCondition(source), toJSON: () => source };
      } catch (error) {
        context.addIssue({ code: 'custom', message: describeError(error) });
        return z.NEVER;
      }
    })
    .describe('A condition such as level == "debug" or status >= 500 and not path in ["/a"].');
}
