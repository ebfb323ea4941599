import type { Refusal } from '../refusal.ts';
import type { AdmittedVisit } from './visit.ts';

export interface WatchOptions {
  reconsider(visit: AdmittedVisit): Promise<Refusal | undefined>;
  /** Called at most once. */
  onEnd(why: 'expired' | 'revoked'): void;
}

const longestTimer = 2 ** 31 - 1;

/**
 * Watches the credential of a connection that stays open: to its end, and in between whether it is
 * still good. What cannot be decided at the moment (503) leaves the connection as it is.
 */
export function watchCredential(visit: AdmittedVisit, options: WatchOptions): { stop(): void } {
  const { websocket } = visit.route;
  const timers: NodeJS.Timeout[] = [];
  const stop = () => timers.forEach(clearTimeout);
  const end = (why: 'expired' | 'revoked') => {
    stop();
    options.onEnd(why);
  };
  const expiresAt = visit.identity?.expiresAt;
  if (expiresAt !== undefined && websocket?.closeOnExpiry === true) {
    const left = Math.min(longestTimer, Math.max(0, expiresAt - Date.now()));
    timers.push(setTimeout(() => end('expired'), left).unref());
  }
  if (visit.identity !== undefined && websocket !== undefined) {
    const look = async () => {
      const refusal = await options.reconsider(visit);
      if (refusal !== undefined && refusal.status < 500) end('revoked');
    };
    timers.push(setInterval(() => void look(), websocket.recheck).unref());
  }
  return { stop };
}
