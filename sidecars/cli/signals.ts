const names = ['SIGTERM', 'SIGINT'] as const;

/**
 * Until {@link watchEndSignals}, an end signal ends the process at once. For the first process of a
 * container, and only for it, the kernel has no default that does so: the signal would be lost.
 */
export function endEarly(): void {
  if (process.pid === 1) for (const name of names) process.on(name, exit);
}

function exit(): void {
  process.exit(0); // nothing has begun
}

export interface EndSignals {
  /** The name of the first SIGTERM or SIGINT. */
  readonly first: Promise<string>;
  /** No longer keeps the process running. */
  release(): void;
}

/**
 * Keeps the process running until SIGTERM or SIGINT; a second one ends it at once. The handlers
 * stay, for the first process of a container has no default ones.
 */
export function watchEndSignals(): EndSignals {
  const { promise, resolve } = Promise.withResolvers<string>();
  const keepAlive = setInterval(() => {}, 2 ** 30);
  let seen = false;
  const onSignal = (name: string) => {
    if (seen) process.exit(1);
    seen = true;
    resolve(name);
  };
  for (const name of names) {
    process.on(name, onSignal);
    process.off(name, exit);
  }
  return { first: promise, release: () => clearInterval(keepAlive) };
}
