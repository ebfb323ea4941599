import { readFileSync } from 'node:fs';
import { describeError, PodmatesError } from '../errors.ts';
import type { TlsOptions } from './target.ts';

/** The options of `tls.connect` that say whom to trust and who we are. */
export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

function readPem(name: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = `tls.${name}: cannot read ${file}: ${describeError(error)}`;
    throw new PodmatesError('ERR_CONFIG', reason, { cause: error });
  }
}

/**
 * What a TLS connection needs of the config, with the files as they are now.
 * @throws PodmatesError ERR_CONFIG that names the file which cannot be read
 */
export function readTls(tls: TlsOptions | undefined): TlsFiles {
  if (tls === undefined) return {};
  return {
    ...(tls.ca === undefined ? {} : { ca: readPem('ca', tls.ca) }),
    ...(tls.cert === undefined ? {} : { cert: readPem('cert', tls.cert) }),
    ...(tls.key === undefined ? {} : { key: readPem('key', tls.key) }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(tls.insecureSkipVerify === true ? { rejectUnauthorized: false } : {}),
  };
}
