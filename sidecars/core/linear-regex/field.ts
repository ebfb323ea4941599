import * as z from 'zod';
import { describeError } from '../errors.ts';
import { compileLinearRegex, type LinearRegex } from './compile.ts';

/** A config field that holds a pattern in RE2 syntax; compiled when parsed. */
export function linearRegex(): z.ZodType<LinearRegex, string> {
  return z
    .string()
    .min(1, { abort: true })
    .transform((source, context) => {
      try {
        return compileLinearRegex(source);
      } catch (error) {
        context.addIssue({ code: 'custom', message: describeError(error) });
        return z.NEVER;
      }
    })
    .describe('A regular expression in RE2 syntax: linear time, so no back-references.');
}
