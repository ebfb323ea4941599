import * as z from 'zod';
import { parseSource } from '../../../core/config/document.ts';
import { toProblems } from '../../../core/config/issues.ts';
import { ConfigError } from '../../../core/errors.ts';
import type { Identity } from '../../identity.ts';

const hashPattern = /^sha256:[A-Za-z0-9_-]{43}$/;

const text = z
  .string()
  .min(1)
  .regex(/^[^\x00-\x1f\x7f]*$/, 'expected a text without control characters');

/** One key of the key file. */
const keyEntry = z.strictObject({
  name: text.describe(
    'Who has the key; several keys may have the same name, as while one replaces another.',
  ),
  // Not echoed in the error: somebody may have put the key itself here.
  hash: z.custom<string>((value) => typeof value === 'string' && hashPattern.test(value), {
    message: 'expected sha256: and 43 characters, as podmates ambassador hash-key prints it',
  }),
  groups: z.array(text).default([]),
  scopes: z.array(text).default([]),
  expires: z.iso
    .datetime({ offset: true, error: 'expected a time such as 2027-01-31T00:00:00Z' })
    .optional(),
});

type KeyEntry = z.output<typeof keyEntry>;
type Path = readonly (string | number)[];

const keyFile = z.array(keyEntry);

/** Callers by the hash of their key. */
export type KeyRing = ReadonlyMap<string, Identity>;

/** @throws ConfigError with the place of everything that is wrong in the file */
export function parseKeyFile(content: string, file: string, provider: string): KeyRing {
  const source = parseSource(content, file);
  const parsed = keyFile.safeParse(source.document.toJS() ?? [], { reportInput: true });
  if (!parsed.success) {
    throw new ConfigError(toProblems(parsed.error.issues, keyFile, source, []));
  }
  const ring = new Map<string, Identity>();
  parsed.data.forEach((entry, index) => {
    const path: Path = [index, 'hash'];
    if (ring.has(entry.hash)) {
      throw new ConfigError([source.problemAt(path, 'this key stands here twice; remove one')]);
    }
    ring.set(entry.hash, identityOf(entry, provider));
  });
  return ring;
}

function identityOf({ name, groups, scopes, expires }: KeyEntry, provider: string): Identity {
  return Object.freeze({
    provider,
    subject: name,
    groups: Object.freeze(groups),
    scopes: Object.freeze(scopes),
    claims: Object.freeze({ name }),
    expiresAt: expires === undefined ? undefined : Date.parse(expires),
  });
}
