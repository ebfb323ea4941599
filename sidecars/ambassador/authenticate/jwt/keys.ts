import type { KeyStore } from './key-store.ts';

/** Where keys come from, whatever it is. */
export interface Keys {
  readonly store: Pick<KeyStore, 'find' | 'has'>;
  /** Whether what the store holds may still be believed. */
  usable(): boolean;
  /**
   * Looks whether there are newer keys, because a token names one that is not known.
   * @returns whether the store is now as new as it can be; false when the source failed
   */
  renew(): boolean | Promise<boolean>;
  start(): Promise<void>;
  stop(): Promise<void>;
  check(): { readonly ok: boolean; readonly message?: string };
}

export function checkCount(count: number, place: string) {
  return count > 0
    ? { ok: true, message: `${count} keys` }
    : { ok: false, message: `no usable keys in ${place}` };
}
