import { PodmatesError } from '../../../core/errors.ts';
import type { HttpClient } from '../../../core/http/client.ts';
import { isRecord } from '../claims.ts';

const maxDocumentBytes = 262_144;

export type IssuerMetadata = Readonly<Record<string, unknown>>;

/**
 * What an issuer says of itself: OpenID Connect Discovery 1.0 section 4, else RFC 8414 section 3.
 * @throws PodmatesError ERR_HTTP or ERR_TIMEOUT
 */
export async function readIssuerMetadata(
  client: HttpClient,
  issuer: string,
): Promise<IssuerMetadata> {
  const places = metadataPlaces(issuer);
  const [first, second] = places;
  const found = (await readMetadata(client, first)) ?? (await readMetadata(client, second));
  if (found === undefined) {
    throw new PodmatesError('ERR_HTTP', `no metadata of the issuer at ${places.join(' or ')}`);
  }
  // Metadata of somebody else, passed off as this issuer's, would bring their keys along.
  if (found['issuer'] !== issuer) {
    const named = JSON.stringify(found['issuer']);
    throw new PodmatesError('ERR_HTTP', `the metadata of ${issuer} names the issuer ${named}`);
  }
  return found;
}

/**
 * The address that the metadata has under a name, such as `jwks_uri`.
 * @throws PodmatesError ERR_HTTP when it has none over https
 */
export function readEndpoint(metadata: IssuerMetadata, name: string, allowHttp: boolean): string {
  const { issuer, [name]: address } = metadata;
  if (typeof address === 'string' && isFetchable(address, String(issuer), allowHttp)) {
    return address;
  }
  throw new PodmatesError('ERR_HTTP', `the metadata of ${issuer} has no ${name} over https`);
}

function metadataPlaces(issuer: string): readonly [string, string] {
  const url = new URL(issuer);
  const path = url.pathname.replace(/\/$/, '');
  return [
    `${url.origin}${path}/.well-known/openid-configuration`,
    `${url.origin}/.well-known/oauth-authorization-server${path}`,
  ];
}

async function readMetadata(client: HttpClient, url: string): Promise<IssuerMetadata | undefined> {
  const headers = { accept: 'application/json' };
  const { status, body } = await client.request({ url, headers, maxBytes: maxDocumentBytes });
  if (status === 404) return undefined;
  if (status !== 200) throw new PodmatesError('ERR_HTTP', `${url} answered ${status}`);
  const document = parse(body.toString('utf8'));
  if (isRecord(document)) return document;
  throw new PodmatesError('ERR_HTTP', `${url} answered with something else than a JSON object`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An issuer reached over https keeps its keys there too. */
function isFetchable(address: string, issuer: string, allowHttp: boolean): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol } = new URL(address);
  const plainIssuer = new URL(issuer).protocol === 'http:';
  return protocol === 'https:' || (protocol === 'http:' && (allowHttp || plainIssuer));
}
