import type { Refusal } from '../refusal.ts';
import type { AdmittedVisit } from './visit.ts';

export interface WatchOptions {
  reconsider(visit: AdmittedVisit): Promise<Refusal | undefined>;
  /** Called at most once, and never after `stop`. */
  onEnd(why: 'expired' | 'revoked'): void;
}

const longestTimer = 2 ** 31 - 1;

/**
 * Watches the credential of a connection that stays open: to its end, and in between whether it is
 * still good. What cannot be decided at the moment leaves the connection as it is.
 */
export function watchCredential(visit: AdmittedVisit, options: WatchOptions): { stop(): void } {
  const { identity, route } = visit;
  const { websocket } = route;
  if (identity === undefined || websocket === undefined) return { stop() {} };
  const { expiresAt = Number.POSITIVE_INFINITY } = identity;
  let over = false;
  let expiry: NodeJS.Timeout | undefined;
  let next: NodeJS.Timeout | undefined;

  const stop = () => {
    over = true;
    clearTimeout(expiry);
    clearTimeout(next);
  };
  const end = (why: 'expired' | 'revoked') => {
    stop();
    options.onEnd(why);
  };
  // One look after the other: slow answers must not pile up, nor end one connection twice.
  const lookLater = () => {
    next = setTimeout(() => void look(), websocket.recheck).unref();
  };
  const look = async () => {
    const refusal = await options.reconsider(visit);
    if (over) return;
    const expired = expiresAt <= Date.now();
    if (expired && !websocket.closeOnExpiry) return; // nothing is left that could be revoked
    if (refusal !== undefined && isFinal(refusal)) end(expired ? 'expired' : 'revoked');
    else lookLater();
  };
  const left = Math.max(0, expiresAt - Date.now());
  if (websocket.closeOnExpiry && left <= longestTimer) {
    expiry = setTimeout(() => end('expired'), left).unref();
  }
  lookLater();
  return { stop };
}

/** 503 is an undecided one, and 429 says nothing of this credential: others made the address wait. */
function isFinal({ status }: Refusal): boolean {
  return status < 500 && status !== 429;
}
