import type { PasswordEntry } from './password-file.ts';
import { type HashKind, maxPasswordBytes } from './password-kind.ts';

type Verify = (password: string, hash: string) => Promise<boolean>;

export interface PasswordCheckOptions {
  readonly concurrency: number;
  /** How many may wait for their turn; more are turned away. */
  readonly queue: number;
}

/** Checks passwords off this thread, a few at a time: each costs tens of milliseconds of a core. */
export interface PasswordCheck {
  /** @returns whether it is the password, or `busy` when too many wait already */
  check(password: string, entry: PasswordEntry): Promise<boolean | 'busy'>;
}

export function createPasswordCheck({ concurrency, queue }: PasswordCheckOptions): PasswordCheck {
  const waiting: (() => void)[] = [];
  let running = 0;

  const enter = async () => {
    if (running < concurrency) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next(); // takes over this place
  };
  return {
    async check(password, { kind, hash }) {
      if (Buffer.byteLength(password) > maxPasswordBytes[kind]) return false;
      if (running >= concurrency && waiting.length >= queue) return 'busy';
      await enter();
      try {
        const verify = await load(kind);
        return await verify(password, hash);
      } finally {
        leave();
      }
    },
  };
}

/** Loaded when a file has such a hash: native code that most pods never need. */
async function load(kind: HashKind): Promise<Verify> {
  if (kind === 'bcrypt') return (await import('@node-rs/bcrypt')).verify;
  const { verify } = await import('@node-rs/argon2');
  return (password, hash) => verify(hash, password);
}
