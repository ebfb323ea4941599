import { statSync } from 'node:fs';
import { type ModuleHooks, registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeError, PodmatesError } from './errors.ts';

/**
 * Loads what a user's own file exports by default, JavaScript or TypeScript as it is written.
 * Such a file may import `podmates` and `podmates/adapter` from wherever it lies; both are this very
 * program. Loaded again after a change, it is read anew.
 *
 * @throws PodmatesError ERR_MODULE naming the file
 */
export async function loadModule(file: string): Promise<unknown> {
  const hooks = resolvePodmatesFromAnywhere();
  const path = resolve(file);
  try {
    const address = pathToFileURL(path);
    address.searchParams.set('v', String(statSync(path).mtimeMs));
    const loaded: unknown = await import(address.href);
    if (typeof loaded === 'object' && loaded !== null && 'default' in loaded) return loaded.default;
  } catch (error) {
    const reason = `cannot load the module ${file}: ${describeError(error)}`;
    throw new PodmatesError('ERR_MODULE', reason, { cause: error });
  } finally {
    hooks.deregister();
  }
  throw new PodmatesError('ERR_MODULE', `the module ${file} has no default export`);
}

function resolvePodmatesFromAnywhere(): ModuleHooks {
  return registerHooks({
    resolve(specifier, context, next) {
      const match = /^podmates(?:\/(adapter|ambassador|log-tail))?$/.exec(specifier);
      if (match === null) return next(specifier, context);
      const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
      const file = match[1] === undefined ? `index.${extension}` : `${match[1]}/index.${extension}`;
      return { url: new URL(`../${file}`, import.meta.url).href, shortCircuit: true };
    },
  });
}
