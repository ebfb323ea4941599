import { readFile } from 'node:fs/promises';
import { type FileWatch, watchFile } from '../../core/config/watch.ts';
import { describeError, PodmatesError } from '../../core/errors.ts';
import type { ProviderContext } from './provider.ts';

export interface FollowedFileOptions<T> {
  readonly file: string;
  readonly context: ProviderContext;
  /** Throws when the text cannot be used; what was before then stays. */
  parse(text: string): T;
  onChange?(value: T): void;
}

/** What a file says, read again when it changes. */
export interface FollowedFile<T> {
  /** @throws PodmatesError ERR_IO or what `parse` throws: at the start there is nothing to fall back to */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Undefined before the start. */
  current(): T | undefined;
}

export function createFollowedFile<T>(options: FollowedFileOptions<T>): FollowedFile<T> {
  const { file, context, parse, onChange } = options;
  const { name, logger, metrics } = context;
  let value: T | undefined;
  let watch: FileWatch | undefined;

  const take = (text: string) => {
    value = parse(text);
    metrics.refreshed('success');
    onChange?.(value);
  };
  const keep = (error: unknown) => {
    metrics.refreshed('error');
    logger.error({ provider: name, file }, `keeping what was read before: ${describeError(error)}`);
  };
  return {
    async start() {
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        const reason = `auth.${name}: cannot read ${file}: ${describeError(error)}`;
        throw new PodmatesError('ERR_IO', reason, { cause: error });
      });
      take(text);
      watch = watchFile({
        file,
        text,
        onError: keep,
        onChange(changed) {
          try {
            take(changed);
            logger.info({ provider: name, file }, 'read again after a change');
          } catch (error) {
            keep(error);
          }
        },
      });
    },
    async stop() {
      watch?.close();
    },
    current: () => value,
  };
}
