import type { Plugin } from 'esbuild';

/**
 * What is joined of packages whose entry brings more than is asked for here: the rest would lie in
 * the memory of each container.
 */
const entries: Readonly<Record<string, string>> = {
  // Without fetch, WebSocket, caches and mocks.
  'undici/index.js': `
    Object.assign(require('./lib/dispatcher/dispatcher').prototype, require('./lib/api'));
    exports.Agent = require('./lib/dispatcher/agent');`,
  // Without Pushgateway, summaries, clusters, workers and the metrics that need a timer.
  '@prometheus-io/client/index.js': `
    exports.Registry = require('./lib/registry');
    exports.Counter = require('./lib/counter');
    exports.Gauge = require('./lib/gauge');
    exports.Histogram = require('./lib/histogram');`,
  // For routes with a JSON Schema, of which there are none.
  '@fastify/ajv-compiler/index.js': `module.exports = () => ${leftOut('a JSON Schema')};`,
  '@fastify/fast-json-stringify-compiler/index.js': `module.exports = () => ${leftOut('a JSON Schema')};`,
  // For tests that call an app without a socket.
  'light-my-request/index.js': `module.exports = ${leftOut('an injected request')};`,
};

function leftOut(what: string): string {
  return `() => { throw new Error('${what} needs a package that sidecars/image/parts-of-packages.ts leaves out'); }`;
}

/** Joins of the packages above those parts only. */
export function takePartsOfPackages(): Plugin {
  return {
    name: 'take-parts-of-packages',
    setup({ onLoad, onEnd }) {
      const taken = new Set<string>();
      onLoad({ filter: /\/node_modules\/.*\/index\.js$/ }, ({ path }) => {
        const file = path.slice(path.lastIndexOf('/node_modules/') + '/node_modules/'.length);
        const contents = entries[file];
        if (contents === undefined) return undefined;
        taken.add(file);
        return { contents, loader: 'js' };
      });
      onEnd(() => {
        const missed = Object.keys(entries).filter((file) => !taken.has(file));
        if (missed.length > 0) throw new Error(`not asked for any more: ${missed.join(', ')}`);
      });
    },
  };
}
