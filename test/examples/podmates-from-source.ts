import { registerHooks } from 'node:module';

/** Lets a program of `examples/` import `podmates` as an installed package, from the sources. */
registerHooks({
  resolve(specifier, context, next) {
    const match = /^podmates(?:\/([\w-]+))?$/.exec(specifier);
    if (match === null) return next(specifier, context);
    const file = match[1] === undefined ? 'index.ts' : `${match[1]}/index.ts`;
    return { url: new URL(`../../sidecars/${file}`, import.meta.url).href, shortCircuit: true };
  },
});
