import { usageError } from '../args.ts';

export const adapterOptions = {
  url: { type: 'string' },
  preset: { type: 'string' },
  prefix: { type: 'string' },
  listen: { type: 'string' },
  once: { type: 'boolean', default: false },
} as const;

export interface AdapterFlags {
  readonly url?: string | undefined;
  readonly preset?: string | undefined;
  readonly prefix?: string | undefined;
  readonly listen?: string | undefined;
}

/** The config that `--url` or `--preset` stand for, in JSON, which is YAML; undefined without them. */
export function configOfUrl({ url, preset, prefix, listen }: AdapterFlags): string | undefined {
  if (url === undefined && preset === undefined) {
    if (prefix !== undefined)
      throw usageError('--prefix goes with --url; in a config it is prefix:');
    if (listen !== undefined)
      throw usageError('--listen goes with --url; in a config it is admin.listen:');
    return undefined;
  }
  return JSON.stringify({
    adapter: {
      ...(listen === undefined ? {} : { admin: { listen } }),
      ...(prefix === undefined ? {} : { prefix }),
      sources: {
        app: { ...(url === undefined ? {} : { url }), ...(preset === undefined ? {} : { preset }) },
      },
    },
  });
}
