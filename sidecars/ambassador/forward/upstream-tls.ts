import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { type ConnectionOptions, createSecureContext } from 'node:tls';
import { describeError, PodmatesError } from '../../core/errors.ts';
import type { TlsOptions } from '../../core/http/target.ts';
import type { Logger } from '../../core/logger.ts';

export interface UpstreamTlsOptions extends TlsOptions {
  /** Of the URL. */
  readonly host: string;
  /** Where the config says so, for errors. */
  readonly place: string;
  readonly logger: Logger;
}

/**
 * TLS options for the next connection to an app; the files are read again when they have changed.
 * Files that cannot be used change nothing: often it is just the moment between two of them.
 *
 * @throws PodmatesError ERR_IO when they cannot be used at the start
 */
export function createUpstreamTls(options: UpstreamTlsOptions): () => ConnectionOptions {
  const { ca, cert, key, place, logger } = options;
  const files = [ca, cert, key].filter((file) => file !== undefined);
  const stampOf = () =>
    files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs).join();
  let stamp = stampOf();
  let current: ConnectionOptions;
  try {
    current = read(options);
  } catch (error) {
    const reason = `${place}: cannot use ${files.join(', ')}: ${describeError(error)}`;
    throw new PodmatesError('ERR_IO', reason, { cause: error });
  }
  return () => {
    const now = stampOf();
    if (now === stamp) return current;
    stamp = now;
    try {
      current = read(options);
      logger.info({ files }, `${place}: read again after a change`);
    } catch (error) {
      logger.error({ files }, `${place}: keeping what was read before: ${describeError(error)}`);
    }
    return current;
  };
}

function read(options: UpstreamTlsOptions): ConnectionOptions {
  const { ca, cert, key, host, serverName, insecureSkipVerify } = options;
  const name = serverName ?? host;
  const secureContext = createSecureContext({
    ...(ca === undefined ? {} : { ca: readAuthorities(ca) }),
    ...(cert === undefined ? {} : { cert: readFileSync(cert) }),
    ...(key === undefined ? {} : { key: readFileSync(key) }),
  });
  return {
    ALPNProtocols: ['http/1.1'],
    secureContext,
    // An address is no server name (RFC 6066 section 3); the certificate is held to it all the same.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(insecureSkipVerify === true ? { rejectUnauthorized: false } : {}),
  };
}

/** OpenSSL passes over what is no certificate, and would then trust nobody at all. */
function readAuthorities(file: string): string {
  const pem = readFileSync(file, 'utf8');
  if (!pem.includes('-----BEGIN')) throw new TypeError(`${file} holds no PEM certificate`);
  return pem;
}
