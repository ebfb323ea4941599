import { PodmatesError } from '../../../core/errors.ts';
import { createHttpClient, type HttpClient } from '../../../core/http/client.ts';
import { placeOf } from '../../../core/http/place.ts';
import type { JwtConfig } from './config.ts';
import { readEndpoint, readIssuerMetadata } from './discovery.ts';

const maxJwksBytes = 1_048_576;

/** Fetches the text of an issuer's JWK Set, at the address given or discovered. */
export interface KeyFetcher {
  /** @throws PodmatesError ERR_HTTP, ERR_TIMEOUT, ERR_TOO_LARGE */
  fetch(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

export function createKeyFetcher(config: JwtConfig): KeyFetcher {
  const { issuer, jwks, allowHttp } = config;
  const client = createHttpClient({ target: config, connections: 1 });
  const given = jwks !== undefined && 'url' in jwks ? jwks.url : undefined;
  let discovered: string | undefined;

  const discover = async () =>
    readEndpoint(await readIssuerMetadata(client, issuer), 'jwks_uri', allowHttp);
  return {
    async fetch(signal) {
      if (given !== undefined) return readKeySet(client, given, signal);
      const address = discovered ?? (await discover());
      discovered = undefined; // asked for anew if this fails: the issuer may have moved its keys
      const text = await readKeySet(client, address, signal);
      discovered = address;
      return text;
    },
    close: () => client.close(),
  };
}

/** The text of the JWK Set at an address. @throws PodmatesError ERR_HTTP, ERR_TIMEOUT, ERR_TOO_LARGE */
export async function readKeySet(
  client: HttpClient,
  url: string,
  signal: AbortSignal,
): Promise<string> {
  const { status, body } = await client.request({
    url,
    headers: { accept: 'application/jwk-set+json, application/json' },
    maxBytes: maxJwksBytes,
    signal,
  });
  if (status !== 200) throw new PodmatesError('ERR_HTTP', `${placeOf(url)} answered ${status}`);
  return body.toString('utf8');
}
