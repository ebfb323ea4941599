import { cpSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { askForBuiltinsLate } from './late-builtins.ts';
import { takePartsOfPackages } from './parts-of-packages.ts';

const entries = ['cli/podmates', 'index', 'adapter/index', 'ambassador/index', 'log-tail/index'];

/** CommonJS inside of a module asks for `require`; `dist` is where the files once lay apart. */
const banner = `import { createRequire as bundledRequire } from 'node:module';
const require = bundledRequire(import.meta.url);
const bundledIn = import.meta.url.slice(0, import.meta.url.lastIndexOf('/dist/') + '/dist/'.length);`;

export interface BundleOptions {
  /** The sources, TypeScript. */
  readonly sources: string;
  /** Where the bundle goes: a folder named `dist`. */
  readonly target: string;
  /** Packages that stay packages, in a `node_modules` beside the target. */
  readonly external: readonly string[];
}

/**
 * Joins the sources and the packages behind them into few files: a container then opens a dozen files
 * at its start in place of some seven hundred. Code is split, so that each loads its own part only.
 *
 * @returns the folders of the packages that were joined
 */
export async function bundle({ sources, target, external }: BundleOptions): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: sources,
    entryPoints: entries.map((entry) => `${entry}.ts`),
    outbase: '.',
    outdir: target,
    chunkNames: 'parts/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    // Names stay, for stack traces; the rest of the text would only lie in memory.
    minifyWhitespace: true,
    minifySyntax: true,
    external: [...external],
    banner: { js: banner },
    plugins: [knowWhereItLay(sources), askForBuiltinsLate(), takePartsOfPackages()],
    metafile: true,
    logLevel: 'warning',
  });
  cpSync(sources, target, {
    recursive: true,
    filter: (file) => !/\.(ts|md)$|tsconfig|sidecars\/image$/.test(file),
  });
  const folders = Object.keys(metafile.inputs).flatMap(
    (file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [],
  );
  return [...new Set(folders)].map((folder) => join(sources, folder));
}

/** A module that looks for a file beside it goes on finding it, wherever it has been moved to. */
function knowWhereItLay(sources: string): Plugin {
  return {
    name: 'know-where-it-lay',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (path.includes('/node_modules/')) return undefined;
        const place = relative(sources, path).replace(/ts$/, 'js');
        const address = `new URL(${JSON.stringify(place)}, bundledIn).href`;
        const contents = readFileSync(path, 'utf8').replaceAll('import.meta.url', address);
        return { contents, loader: 'ts' };
      });
    },
  };
}
