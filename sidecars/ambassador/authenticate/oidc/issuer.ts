import { createHttpClient } from '../../../core/http/client.ts';
import { type IssuerMetadata, readEndpoint, readIssuerMetadata } from '../jwt/discovery.ts';
import { type KeyFetcher, readKeySet } from '../jwt/fetch-keys.ts';
import type { OidcConfig } from './config.ts';

/** What an OpenID provider says of itself. */
export interface Issuer {
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly userinfoEndpoint: string | undefined;
  /** Where its own session is ended (OpenID Connect RP-Initiated Logout 1.0). */
  readonly endSessionEndpoint: string | undefined;
  /** How the client shows its secret: in the header, unless only the body is offered. */
  readonly secretInBody: boolean;
}

/** Fetches the keys, and what goes with them; asks for the metadata anew each time. */
export interface IssuerFetcher extends KeyFetcher {
  /** Undefined until it has been fetched once. */
  known(): Issuer | undefined;
}

export function createIssuerFetcher(config: OidcConfig): IssuerFetcher {
  const client = createHttpClient({ target: config, connections: 1 });
  let issuer: Issuer | undefined;
  return {
    known: () => issuer,
    async fetch(signal) {
      const metadata = await readIssuerMetadata(client, config.issuer);
      const read = readIssuer(metadata, config);
      const address = readEndpoint(metadata, 'jwks_uri', config.allowHttp);
      const text = await readKeySet(client, address, signal);
      issuer = read;
      return text;
    },
    close: () => client.close(),
  };
}

function readIssuer(metadata: IssuerMetadata, { allowHttp, userinfo }: OidcConfig): Issuer {
  const required = (name: string) => readEndpoint(metadata, name, allowHttp);
  const optional = (name: string) => (metadata[name] === undefined ? undefined : required(name));
  const methods = metadata['token_endpoint_auth_methods_supported'];
  return {
    authorizationEndpoint: required('authorization_endpoint'),
    tokenEndpoint: required('token_endpoint'),
    userinfoEndpoint: userinfo ? required('userinfo_endpoint') : undefined,
    endSessionEndpoint: optional('end_session_endpoint'),
    secretInBody:
      Array.isArray(methods) &&
      methods.includes('client_secret_post') &&
      !methods.includes('client_secret_basic'),
  };
}
