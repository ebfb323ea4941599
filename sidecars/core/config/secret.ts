import { readFileSync, statSync } from 'node:fs';
import * as z from 'zod';
import { describeError, PodmatesError } from '../errors.ts';

/** A secret that lives outside the config and may change while we run. */
export interface Secret {
  /**
   * The secret as it is now; one trailing line end is not part of it.
   * @throws PodmatesError ERR_SECRET when the file cannot be read or the variable is not set
   */
  read(): string;
  /** What stands in for the secret wherever the config is shown. */
  toJSON(): string;
}

/** Where a secret is found: a file that is looked at again when it changes, or a variable. */
export type SecretSource = { readonly file: string } | { readonly env: string };

const secretSource: z.ZodType<SecretSource, SecretSource> = z.union(
  [
    z.strictObject({ file: z.string().min(1).describe('Read again when it changes.') }),
    z.strictObject({ env: z.string().min(1).describe('The name of an environment variable.') }),
  ],
  'expected {file: path} or {env: NAME}; a secret itself does not belong into the config',
);

/** Schema of `{file: path}` or `{env: NAME}`; a secret written into the config itself is refused. */
export function secret(): z.ZodType<Secret, SecretSource> {
  return secretSource
    .transform((source) => createSecret(source))
    .describe('A secret by reference: {file: path} or {env: NAME}.');
}

export function createSecret(source: SecretSource): Secret {
  return 'file' in source ? fileSecret(source.file) : variableSecret(source.env);
}

function fileSecret(file: string): Secret {
  let known: { stamp: string; value: string } | undefined;
  return {
    read() {
      try {
        const { mtimeMs, size, ino } = statSync(file);
        const stamp = `${ino}:${size}:${mtimeMs}`;
        if (known?.stamp !== stamp) {
          known = { stamp, value: readFileSync(file, 'utf8').replace(/\r?\n$/, '') };
        }
        return known.value;
      } catch (error) {
        const reason = `cannot read the secret file ${file}: ${describeError(error)}`;
        throw new PodmatesError('ERR_SECRET', reason, { cause: error });
      }
    },
    toJSON: () => `(secret from file ${file})`,
  };
}

function variableSecret(name: string): Secret {
  return {
    read() {
      const value = readVariable(name);
      if (value !== undefined) return value;
      throw new PodmatesError('ERR_SECRET', `environment variable ${name} is not set`);
    },
    toJSON: () => `(secret from environment variable ${name})`,
  };
}

function readVariable(name: string): string | undefined {
  // biome-ignore lint/style/noProcessEnv: a secret named by the config is read where it is used
  return process.env[name];
}
