import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Curve } from './curve.ts';
import type { Growth } from './growth.ts';
import { growConnections } from './growth-connections.ts';
import { measureLoad } from './growth-load.ts';
import { scratch } from './podmates.ts';
import { freePort, listening } from './program.ts';
import * as proxies from './proxies.ts';
import { createIssuer, type Issuer, sendInTurn } from './tokens.ts';

/** Requests through ever more routes, with ever more tokens, over ever more connections. */
export async function* ambassadorCurves(
  growth: Growth,
  wanted: (name: string) => boolean,
): AsyncIterable<Curve> {
  const issuer = createIssuer();
  const [appPort, authPort] = [await freePort(), await freePort()];
  const origin = proxies.startOrigin({ appPort, authPort, issuer });
  try {
    await listening(appPort);
    if (wanted('ambassador: routes')) yield await growRoutes(growth, appPort);
    if (wanted('ambassador: tokens')) yield* growTokens(growth, appPort, issuer);
    if (wanted('ambassador: connections')) yield await growConnections(growth, appPort);
  } finally {
    await origin.stop();
  }
}

/** Each request is for the last of the routes. */
async function growRoutes({ sizes, loadSeconds }: Growth, appPort: number): Promise<Curve> {
  const points = [];
  for (const count of sizes(10, 100, 1000, 10_000)) {
    const list = Array.from(
      { length: count },
      (_, n) => `    - { path: /area-${n}/*/items/**, public: true }\n`,
    );
    points.push(
      await measureLoad(count, appPort, `  routes:\n${list.join('')}`, {
        path: `/area-${count - 1}/x/items/7`,
        connections: 64,
        seconds: loadSeconds,
        warmUpSeconds: 1,
      }),
    );
  }
  return { name: 'ambassador: routes', unit: 'request', size: 'routes', points };
}

async function* growTokens(growth: Growth, appPort: number, issuer: Issuer): AsyncIterable<Curve> {
  const folder = scratch();
  try {
    const all = growth.sizes(1, 10, 100, 1000, 10_000, 100_000);
    const most = Array.from({ length: Math.max(...all) }, (_, n) => issuer.mint(`caller-${n}`));
    writeFileSync(join(folder, 'jwks.json'), issuer.jwks);
    for (const [name, cache, remark] of [
      [
        'ambassador: tokens in turn',
        '{}',
        'More tokens in turn than `cache.size`, 10,000 when nothing is said, are verified anew each time: the end of this line is what a verification costs.',
      ],
      ['ambassador: tokens in turn, with room for all', '{ size: 200000, ttl: 30m }', undefined],
    ] as const) {
      const points = [];
      for (const count of all) {
        const config = `  auth: { bench: { type: jwt, issuer: "https://issuer.bench", audience: [bench], algorithms: [RS256], jwks: { file: ${folder}/jwks.json }, cache: ${cache} } }\n  routes: [{ path: /**, auth: [bench] }]\n`;
        points.push(
          await measureLoad(count, appPort, config, {
            path: '/page',
            connections: 64,
            script: sendInTurn(folder, most.slice(0, count)),
            seconds: growth.loadSeconds,
            warmUpSeconds: 2 + Math.ceil(count / 5000), // each token once
          }),
        );
      }
      const curve = { name, unit: 'request', size: 'tokens', points };
      yield remark === undefined ? curve : { ...curve, remark };
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
