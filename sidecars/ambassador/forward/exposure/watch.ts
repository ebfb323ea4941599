import type { Logger } from '../../../core/logger.ts';
import type { Upstream } from '../upstream.ts';
import { findExposure } from './exposure.ts';

const again = 30_000; // an app beside us may come up after us

/** Warns, soon after the start, when an app can be reached past the ambassador. */
export function createExposureWatch(
  upstreams: () => ReadonlyMap<string, Upstream>,
  logger: Logger,
) {
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    for (const [name, { config }] of upstreams()) {
      const { hostname, port, protocol } = new URL(config.url);
      if (config.socket !== undefined || !/^(localhost|127\..*|\[::1\])$/.test(hostname)) continue;
      const number = Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port);
      for (const { address } of findExposure(number)) {
        logger.warn(
          { upstream: name, address },
          `the app listens on ${address}, where it can be reached past the ambassador; bind it to 127.0.0.1`,
        );
      }
    }
  };
  return {
    start() {
      look();
      timer = setTimeout(look, again).unref();
    },
    stop: () => clearTimeout(timer),
  };
}
