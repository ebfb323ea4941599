import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/**
 * Asks for a module of Node itself when the first of its functions is used. An `import` of one reads
 * every name that it exports at once: that of `node:http` loads a copy of undici for its `WebSocket`,
 * 15 MB; and packages `require` TLS, HTTP/2 and zlib for what a container may never do.
 */
export function askForBuiltinsLate(): Plugin {
  return {
    name: 'ask-for-builtins-late',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[a-z_/0-9:]+$/ }, ({ path }) =>
        isBuiltin(path)
          ? { path: path.replace(/^(node:)?/, 'node:'), namespace: 'builtin' }
          : undefined,
      );
      onLoad({ filter: /^/, namespace: 'builtin' }, ({ path }) => ({
        contents: writeModule(path),
        loader: 'js',
      }));
    },
  };
}

/** The text of a CommonJS module that stands for a builtin one: a name becomes a value when it is read. */
function writeModule(name: string): string {
  const ask = `process.getBuiltinModule(${JSON.stringify(name)})`;
  const module: unknown = process.getBuiltinModule(name);
  if (!isPlainObject(module)) return `module.exports = ${ask};`;
  return `
    const names = ${JSON.stringify(Object.getOwnPropertyNames(module))};
    for (const name of names)
      Object.defineProperty(exports, name, { enumerable: true, configurable: true, get: () => keep(name) });
    function keep(name) {
      const value = ${ask}[name];
      Object.defineProperty(exports, name, { value });
      return value;
    }`;
}

/** `node:assert` is a function, `node:process` an emitter of events: they are used as they are. */
function isPlainObject(module: unknown): module is object {
  return (
    typeof module === 'object' &&
    module !== null &&
    Object.getPrototypeOf(module) === Object.prototype
  );
}
