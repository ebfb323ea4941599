import { ConfigError } from '../../../core/errors.ts';
import { isCleanText } from '../claims.ts';
import type { HashKind } from './password-kind.ts';

export interface PasswordEntry {
  readonly kind: HashKind;
  readonly hash: string;
}

export interface PasswordFile {
  readonly users: ReadonlyMap<string, PasswordEntry>;
  /** What unknown users are checked against, so that they take as long as known ones. */
  readonly decoy: PasswordEntry | undefined;
}

const bcryptPattern = /^\$2[aby]\$(?:0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}$/;
const argon2Pattern =
  /^\$argon2(?:id|i|d)\$v=\d+\$m=\d{1,7},t=\d{1,3},p=\d{1,2}\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/;

/** @throws ConfigError with the line of everything that is wrong in the file */
export function parsePasswordFile(text: string, file: string): PasswordFile {
  const users = new Map<string, PasswordEntry>();
  const problems = text.split('\n').flatMap((raw, index) => {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line.trim() === '' || line.startsWith('#')) return [];
    const message = takeLine(line, users);
    return message === undefined ? [] : [{ file, line: index + 1, column: 1, path: '', message }];
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return { users, decoy: users.values().next().value };
}

function takeLine(line: string, users: Map<string, PasswordEntry>): string | undefined {
  const colon = line.indexOf(':');
  const user = line.slice(0, Math.max(colon, 0));
  const hash = line.slice(colon + 1);
  if (!isCleanText(user)) return 'expected user:hash';
  if (users.has(user)) return `the user "${user}" stands here twice; remove one`;
  const kind = kindOf(hash);
  if (kind === undefined) return explainHash(user, hash);
  users.set(user, { kind, hash });
  return undefined;
}

function kindOf(hash: string): HashKind | undefined {
  if (bcryptPattern.test(hash)) return 'bcrypt';
  return argon2Pattern.test(hash) ? 'argon2' : undefined;
}

function explainHash(user: string, hash: string): string {
  const mend = `make it anew with: htpasswd -B, or podmates ambassador hash-password ${user}`;
  if (hash.startsWith('$apr1$')) return `the hash of "${user}" is MD5, guessed too fast; ${mend}`;
  if (hash.startsWith('{SHA}')) return `the hash of "${user}" is SHA-1, guessed too fast; ${mend}`;
  return `the hash of "${user}" is neither bcrypt (cost 4 to 16) nor argon2; ${mend}`;
}
