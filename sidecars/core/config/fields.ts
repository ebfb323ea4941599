import * as z from 'zod';

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const unitBytes: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const sizePattern = /^(\d+(?:\.\d+)?)(B|KB|MB|GB|KiB|MiB|GiB)$/;
const ratePattern = /^(\d+(?:\.\d+)?)\/(s|m|h)$/;

/** A span of time such as `250ms`, `5s`, `1m`, `8h`; milliseconds when parsed. */
export function duration() {
  const message = 'expected a duration such as 250ms, 5s, 1m or 8h';
  return z
    .string(message)
    .regex(durationPattern, message)
    .transform((text) => scaled(durationPattern, unitMs, text))
    .describe('A duration such as 250ms, 5s, 1m or 8h.');
}

/** An amount of memory or data such as `64KiB` or `1MiB`; bytes when parsed. */
export function size() {
  const message = 'expected a size such as 64KiB or 1MiB';
  return z
    .string(message)
    .regex(sizePattern, message)
    .transform((text) => Math.round(scaled(sizePattern, unitBytes, text)))
    .describe('A size such as 64KiB, 1MiB or 10MB.');
}

/** A rate such as `20/s` or `10/m`; events per second when parsed. */
export function rate() {
  const message = 'expected a rate such as 20/s or 10/m';
  return z
    .string(message)
    .regex(ratePattern, message)
    .transform((text) => {
      const [, count = '0', unit = 's'] = ratePattern.exec(text) ?? [];
      return (Number(count) * 1000) / (unitMs[unit] ?? 1000);
    })
    .describe('A rate such as 20/s or 10/m.');
}

function scaled(pattern: RegExp, units: Readonly<Record<string, number>>, text: string): number {
  const [, number = '0', unit = ''] = pattern.exec(text) ?? [];
  return Number(number) * (units[unit] ?? 1);
}

/** A place to listen at. */
export interface ListenAddress {
  /** An IP address; undefined listens on every address, of both families where there are two. */
  readonly host?: string;
  readonly port: number;
}

const listenPattern = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/;

/** A listen address: `":7103"`, `"127.0.0.1:7103"`, `"[::1]:7103"`. */
export function listen() {
  const message = 'expected a listen address such as ":7103", "127.0.0.1:7103" or "[::1]:7103"';
  return z
    .string(message)
    .refine((text) => Number(listenPattern.exec(text)?.[3] ?? 65_536) < 65_536, { message })
    .transform((text): ListenAddress => {
      const [, v6, v4, port] = listenPattern.exec(text) ?? [];
      const host = v6 || v4;
      return host ? { host, port: Number(port) } : { port: Number(port) };
    })
    .describe('A listen address such as ":7103" or "127.0.0.1:7103".');
}

const hostPattern = /^(?:\[[0-9a-fA-F:.]+\]|[^:[\]\s/]+):(\d{1,5})$/;

/** Where to connect to, `HOST:PORT`, an IPv6 address in brackets. @param example such as `logs:514` */
export function hostAndPort(example: string) {
  const message = `expected HOST:PORT such as "${example}"`;
  return z.string(message).refine(
    (text) => {
      const port = Number(hostPattern.exec(text)?.[1] ?? 0);
      return port > 0 && port < 65_536;
    },
    { message },
  );
}

/** The `admin:` block that every section has; `false` runs without an admin server. */
export function admin(port: number) {
  return z
    .union([z.literal(false), z.strictObject({ listen: listen().prefault(`:${port}`) })])
    .prefault({})
    .describe('The admin server with /metrics, /livez, /readyz and /config; false for none.');
}

/** A URL of the given schemes, without credentials in it: those belong into a secret. */
export function url(...schemes: readonly string[]) {
  const message = `expected a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return z
    .string(message)
    .refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)), {
      message,
      abort: true,
    })
    .refine((text) => new URL(text).password === '' && new URL(text).username === '', {
      message: 'a URL must not carry credentials; use the auth: block with a secret',
    });
}
