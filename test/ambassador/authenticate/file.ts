import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export interface TestFile {
  readonly path: string;
  /** Replaces it in one step, as careful writers do. */
  replace(text: string): void;
}

/** A file of its own in a directory of its own, gone after the test. */
export function testFile(test: TestContext, text: string): TestFile {
  const directory = mkdtempSync(join(tmpdir(), 'podmates-test-'));
  test.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'file');
  const replace = (next: string) => {
    writeFileSync(`${path}.new`, next);
    renameSync(`${path}.new`, path);
  };
  replace(text);
  return { path, replace };
}
