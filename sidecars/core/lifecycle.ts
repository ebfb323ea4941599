import { PodmatesError } from './errors.ts';

/** Something that starts and stops; both are optional. */
export interface Part {
  start?(): unknown;
  stop?(): unknown;
}

/** Starts parts one after the other; if one fails, those already started are stopped in reverse. */
export async function startInOrder(parts: readonly Part[]): Promise<void> {
  const started: Part[] = [];
  try {
    for (const part of parts) {
      started.push(part);
      await part.start?.();
    }
  } catch (error) {
    await stopInReverse(started).catch(() => {}); // what kept it from starting is what to say
    throw error;
  }
}

/** Stops every part, the last one first; a part that fails does not keep the others running. */
export async function stopInReverse(parts: readonly Part[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of [...parts].reverse()) {
    try {
      await part.stop?.();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'could not stop cleanly');
}

/** A signal that aborts after `ms`, or earlier with `parent`; its timer does not keep the process. */
export function deadlineIn(ms: number, parent?: AbortSignal): AbortSignal {
  const timeout = AbortSignal.timeout(ms);
  return parent === undefined ? timeout : AbortSignal.any([timeout, parent]);
}

/** Rejects when a deadline is over: for a race with code that may not listen to its signal. */
export function timeUp(deadline: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(new PodmatesError('ERR_TIMEOUT', 'did not answer in time'));
    if (deadline.aborted) fail();
    else deadline.addEventListener('abort', fail, { once: true });
  });
}

export interface Deadline {
  /** Aborts with a TimeoutError when the time is over, or earlier with the parent and its reason. */
  readonly signal: AbortSignal;
  expired(): boolean;
  /** The work is done: nothing of the deadline outlives it, as the timer of AbortSignal.timeout does. */
  close(): void;
}

/** A deadline for work that comes often; its timer does not keep the process. */
export function openDeadline(ms: number, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  let expired = false;
  const expire = () => {
    expired = true;
    controller.abort(new DOMException(`not done in ${ms} ms`, 'TimeoutError'));
  };
  const follow = () => controller.abort(parent?.reason);
  const timer = setTimeout(expire, ms).unref();
  if (parent?.aborted) follow();
  else parent?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    expired: () => expired,
    close() {
      clearTimeout(timer);
      parent?.removeEventListener('abort', follow);
    },
  };
}

/** Waits, and returns early (without an error) when the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
