import type { MultilineConfig } from './config.ts';

/** Says of each line in turn whether it goes on with the record before it. */
export interface Joiner {
  continues(line: string): boolean;
}

/** What a language's stack traces look like, by what a line that goes on with one may be. */
export function createJoiner({ like, start }: MultilineConfig): Joiner {
  if (start !== undefined) return { continues: (line) => !start.test(line) };
  switch (like) {
    case 'python':
      return createPythonJoiner();
    case 'go':
      return createGoJoiner();
    case 'java':
      return byPattern(java);
    case 'dotnet':
      return byPattern(dotnet);
    case 'node':
      return byPattern(node);
    default:
      return byPattern(/^\s/); // Ruby: `\tfrom file.rb:3:in ...`
  }
}

function byPattern(pattern: RegExp): Joiner {
  return { continues: (line) => pattern.test(line) };
}

/**
 * Frames and `... 3 more` are indented. The header belongs to the line before it, since loggers
 * write their message first and the exception behind it.
 */
const java =
  /^(?:\s|Caused by: |Suppressed: |(?:[a-z]\w*\.)+(?:[A-Z][\w$]*)?(?:Exception|Error|Throwable|Failure)(?::|$))/;
const dotnet = /^(?:\s|--->|---|(?:[A-Z]\w*\.)+\w*Exception(?::|$))/;
/** Frames and the error's own properties are indented; the closing brace of those is not. */
const node = /^(?:\s|[}\]]|\[cause\]|Caused by: )/;

/**
 * `Traceback (most recent call last):`, indented frames, the exception not indented; then perhaps a
 * blank line, one that tells how the next traceback is related, and that traceback.
 */
function createPythonJoiner(): Joiner {
  let state: 'outside' | 'frames' | 'after' = 'outside';
  return {
    continues(line) {
      if (line.startsWith('Traceback (most recent call last):')) {
        state = 'frames';
        return true;
      }
      if (/^\s+\S/.test(line)) return true;
      if (state === 'frames' && /^[A-Za-z_][\w.]*(?::|$)/.test(line)) {
        state = 'after';
        return true;
      }
      if (state === 'after') {
        if (line === '') return true;
        if (/^(?:During handling of|The above exception was)/.test(line)) return true;
      }
      state = 'outside';
      return false;
    },
  };
}

/** From `panic:` or `fatal error:` on: blank lines, goroutines, functions, indented places. */
function createGoJoiner(): Joiner {
  let inPanic = false;
  return {
    continues(line) {
      if (/^\s/.test(line)) return true;
      if (/^(?:panic: |fatal error: )|\bhttp: panic serving /.test(line)) {
        const nested = inPanic && line.startsWith('panic: ');
        inPanic = true;
        return nested;
      }
      if (!inPanic) return false;
      inPanic =
        line === '' ||
        /^(?:goroutine \d+ |\[signal |created by |exit status \d|runtime: |\S+\(.*\)$)/.test(line);
      return inPanic;
    },
  };
}
