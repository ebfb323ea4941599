import type { MapReader } from './reader.ts';

/** The keys of a source that say how to ask, from `headers`, `body` and `http_client_config`. */
export function convertConnection(module: MapReader): Record<string, unknown> {
  const client = module.map('http_client_config');
  return {
    ...convertHeaders(module.map('headers')),
    ...convertBody(module.map('body')),
    ...(client === undefined ? {} : convertClient(client)),
  };
}

function convertHeaders(headers: MapReader | undefined): Record<string, unknown> {
  const entries = (headers?.entries() ?? []).map(([name, value]) => [name, String(value)] as const);
  for (const [name] of entries) {
    if (/authorization|token|key|secret|cookie/i.test(name)) {
      headers?.note(
        name,
        'a secret in plain sight: it shows on /config; move it to auth: with {file: …}',
      );
    }
  }
  return entries.length === 0 ? {} : { headers: Object.fromEntries(entries) };
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
  tls.finish();
  return { tls: converted };
}

function convertAuth(client: MapReader): Record<string, unknown> {
  const basic = client.map('basic_auth');
  if (basic !== undefined) {
    const username = basic.text('username') ?? '';
    if (basic.has('username_file'))
      basic.note('username_file', 'left out: write the username itself');
    const password = secretOf(basic, 'password', 'PASSWORD');
    basic.finish();
    return { auth: { basic: { username, password } } };
  }
  const authorization = client.map('authorization');
  if (authorization !== undefined) {
    const type = authorization.text('type') ?? 'Bearer';
    if (type.toLowerCase() !== 'bearer')
      authorization.note('type', `only Bearer is known (got ${type})`);
    const bearer = secretOf(authorization, 'credentials', 'TOKEN');
    authorization.finish();
    return { auth: { bearer } };
  }
  if (client.has('bearer_token') || client.has('bearer_token_file')) {
    return { auth: { bearer: secretOf(client, 'bearer_token', 'TOKEN') } };
  }
  const oauth2 = client.map('oauth2');
  return oauth2 === undefined ? {} : { auth: { oauth2: convertOauth2(oauth2) } };
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
