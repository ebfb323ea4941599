import { readFileSync } from 'node:fs';
import type { TlsOptions } from './target.ts';

/** The options of `tls.connect` that say whom to trust and who we are. */
export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** What a TLS connection needs of the config, with the files as they are now. */
export function readTls(tls: TlsOptions | undefined): TlsFiles {
  if (tls === undefined) return {};
  return {
    ...(tls.ca === undefined ? {} : { ca: readFileSync(tls.ca) }),
    ...(tls.cert === undefined ? {} : { cert: readFileSync(tls.cert) }),
    ...(tls.key === undefined ? {} : { key: readFileSync(tls.key) }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(tls.insecureSkipVerify === true ? { rejectUnauthorized: false } : {}),
  };
}
