import type { MapReader } from './reader.ts';

/** The keys of a source that say how to ask, from `headers`, `body` and `http_client_config`. */
export function convertConnection(module: MapReader): Record<string, unknown> {
  const client = module.map('http_client_config');
  return {
    ...convertHeaders(module.map('headers'), client?.map('http_headers')),
    ...convertBody(module.map('body')),
    ...(client === undefined ? {} : convertClient(client)),
  };
}

const inPlainSight =
  'a secret in plain sight: it shows on /config; move it to auth: with {file: …}';

function convertHeaders(
  headers: MapReader | undefined,
  more: MapReader | undefined,
): Record<string, unknown> {
  const converted = new Map<string, string>();
  for (const [name, value] of headers?.entries() ?? []) {
    converted.set(name, String(value));
    if (isSecretHeader(name)) headers?.note(name, inPlainSight);
  }
  for (const [name] of more?.entries() ?? []) {
    const values = more?.map(name)?.list('values') ?? [];
    if (values.length === 1) converted.set(name, String(values[0]));
    else more?.note(name, 'left out: a header has one value; a secret one is auth.apiKey');
  }
  return converted.size === 0 ? {} : { headers: Object.fromEntries(converted) };
}

function isSecretHeader(name: string): boolean {
  return /authorization|token|key|secret|cookie/i.test(name);
}

function convertBody(body: MapReader | undefined): Record<string, unknown> {
  if (body === undefined) return {};
  const content = body.text('content') ?? '';
  const templated = body.flag('templatize') && content.includes('{{');
  if (templated)
    body.note('content', 'Go templates have no counterpart: the body is sent as it stands');
  body.finish();
  return { method: 'POST', body: content };
}

function convertClient(client: MapReader): Record<string, unknown> {
  const converted = { ...convertTls(client.map('tls_config')), ...convertAuth(client) };
  if (client.has('proxy_url')) client.note('proxy_url', 'left out: podmates asks without a proxy');
  for (const key of ['no_proxy', 'proxy_from_environment', 'proxy_connect_header']) {
    if (client.has(key)) client.note(key, 'left out: podmates asks without a proxy');
  }
  if (client.has('follow_redirects')) {
    client.note('follow_redirects', 'left out: redirects are not followed; name the final URL');
  }
  client.has('enable_http2');
  client.finish();
  return converted;
}

const tlsKeys = { ca_file: 'ca', cert_file: 'cert', key_file: 'key', server_name: 'serverName' };

function convertTls(tls: MapReader | undefined): Record<string, unknown> {
  if (tls === undefined) return {};
  const converted: Record<string, unknown> = {};
  for (const [key, name] of Object.entries(tlsKeys)) {
    const value = tls.text(key);
    if (value !== undefined) converted[name] = value;
  }
  if (tls.flag('insecure_skip_verify')) converted['insecureSkipVerify'] = true;
  for (const key of ['ca', 'cert', 'key']) {
    if (tls.has(key))
      tls.note(key, `left out: put the PEM text into a file and name it as ${key}:`);
  }
  for (const key of ['min_version', 'max_version']) {
    if (tls.has(key)) tls.note(key, 'left out: TLS 1.2 and 1.3 are spoken');
  }
  tls.finish();
  return { tls: converted };
}

/** The kinds of credentials, of which a source has one; the first that is there is taken. */
const authKinds = ['basic_auth', 'authorization', 'bearer_token', 'bearer_token_file', 'oauth2'];

function convertAuth(client: MapReader): Record<string, unknown> {
  const [kind, ...others] = authKinds.filter((key) => client.has(key));
  for (const key of others) {
    const together = kind === 'bearer_token' && key === 'bearer_token_file';
    if (!together) client.note(key, `left out: ${kind} says already who asks`);
  }
  const map = kind === undefined ? undefined : convertCredentials(client, kind);
  return map === undefined ? {} : { auth: map };
}

function convertCredentials(client: MapReader, kind: string): Record<string, unknown> | undefined {
  if (kind.startsWith('bearer_token')) return { bearer: secretOf(client, 'bearer_token', 'TOKEN') };
  const map = client.map(kind);
  if (map === undefined) return undefined;
  if (kind === 'oauth2') return { oauth2: convertOauth2(map) };
  return kind === 'basic_auth' ? { basic: convertBasic(map) } : convertAuthorization(map);
}

function convertBasic(basic: MapReader): Record<string, unknown> {
  const username = basic.text('username') ?? '';
  if (basic.has('username_file')) {
    basic.note('username_file', 'left out: write the username itself');
  }
  const password = secretOf(basic, 'password', 'PASSWORD');
  basic.finish();
  return { username, password };
}

function convertAuthorization(authorization: MapReader): Record<string, unknown> {
  const type = authorization.text('type') ?? 'Bearer';
  if (type.toLowerCase() !== 'bearer') {
    authorization.note('type', `only Bearer is known (got ${type})`);
  }
  const bearer = secretOf(authorization, 'credentials', 'TOKEN');
  authorization.finish();
  return { bearer };
}

function convertOauth2(oauth2: MapReader): Record<string, unknown> {
  const converted = {
    tokenUrl: oauth2.text('token_url') ?? '',
    clientId: oauth2.text('client_id') ?? '',
    clientSecret: secretOf(oauth2, 'client_secret', 'CLIENT_SECRET'),
    scopes: oauth2.list('scopes').map(String),
  };
  for (const key of ['endpoint_params', 'tls_config']) {
    if (oauth2.has(key)) oauth2.note(key, 'left out: it has no counterpart');
  }
  oauth2.finish();
  return converted;
}

/** A secret by reference; one written into the config must leave it. */
function secretOf(map: MapReader, key: string, variable: string): Record<string, string> {
  const file = map.text(`${key}_file`);
  if (file !== undefined) {
    map.has(key);
    return { file };
  }
  if (map.has(key)) {
    map.note(
      key,
      `a secret does not stand in the config: put it into the variable ${variable}, or into a file and write {file: …}`,
    );
  }
  return { env: variable };
}
