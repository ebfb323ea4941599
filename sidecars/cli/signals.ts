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
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return { first: promise, release: () => clearInterval(keepAlive) };
}
