import type { Environment } from '../core/config/environment.ts';
import { type ConfigSource, readConfig } from '../core/config/load.ts';
import { watchFile } from '../core/config/watch.ts';
import type { Container } from '../core/container.ts';
import { ConfigError, describeError, formatProblem } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { createMetrics } from '../core/metrics.ts';
import { type KindName, withKind } from './kinds.ts';

/** A container with its config file: it can be started, stopped, and given another text. */
export interface Hosted {
  readonly name: KindName;
  readonly container: Pick<
    Container<unknown>,
    'start' | 'stop' | 'addresses' | 'ready' | 'finished'
  >;
  /** Takes over its section of a new file, or keeps the old one and says why. */
  reload(source: ConfigSource): Promise<void>;
  /** The new file could not even be read: counted, and the old config stays. */
  rejectReload(): void;
}

/** @throws ConfigError when its section is wrong */
export async function host(name: KindName, source: ConfigSource, logger: Logger): Promise<Hosted> {
  return withKind(name, (kind) => {
    const metrics = createMetrics(name);
    const reloads = metrics.counter({
      name: 'podmates_config_reloads_total',
      help: 'Attempts to put a changed config file in force.',
      labelNames: ['result'],
    });
    const lastReload = metrics.gauge({
      name: 'podmates_config_last_reload_successful',
      help: 'Whether the config file on disk is the one in force.',
    });
    for (const result of ['success', 'error']) reloads.inc({ result }, 0);
    lastReload.set(1);
    const container = kind.create(source.section(kind.section, kind.schema), { logger, metrics });
    const rejectReload = () => {
      reloads.inc({ result: 'error' });
      lastReload.set(0);
    };
    return {
      name,
      container,
      rejectReload,
      async reload(changed) {
        try {
          await container.reload(changed.section(kind.section, kind.schema));
          reloads.inc({ result: 'success' });
          lastReload.set(1);
          logger.info({ container: name }, 'config reloaded');
        } catch (error) {
          rejectReload();
          logReloadError(logger, error);
        }
      },
    };
  });
}

export interface ReloadOptions {
  readonly file: string;
  readonly text: string;
  readonly environment: Environment;
  readonly logger: Logger;
  readonly hosted: readonly Hosted[];
}

/** Reloads on a change of the file and on SIGHUP. @returns a function that stops that */
export function reloadOnChange({
  file,
  text,
  environment,
  logger,
  hosted,
}: ReloadOptions): () => void {
  const reject = (error: unknown) => {
    for (const one of hosted) one.rejectReload();
    logReloadError(logger, error);
  };
  const apply = async (changed: string) => {
    const source = readConfig({ text: changed, file, environment });
    for (const one of hosted) await one.reload(source);
  };
  let turn = Promise.resolve();
  const watch = watchFile({
    file,
    text,
    onChange: (changed) => {
      turn = turn.then(() => apply(changed)).catch(reject);
    },
    onError: reject,
  });
  const onHangUp = () => void watch.look();
  process.on('SIGHUP', onHangUp);
  return () => {
    process.off('SIGHUP', onHangUp);
    watch.close();
  };
}

function logReloadError(logger: Logger, error: unknown): void {
  const kept = 'config not reloaded, the old one stays in force';
  if (error instanceof ConfigError) {
    for (const problem of error.problems)
      logger.error({ problem }, `${kept}: ${formatProblem(problem)}`);
  } else {
    logger.error({ err: error }, `${kept}: ${describeError(error)}`);
  }
}
