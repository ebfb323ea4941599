import { createFieldNames } from '../../../core/field-names.ts';

/** What becomes of a header field on its way to the app. */
export type FieldRule = 'pass' | 'drop' | 'connection' | 'host' | 'te' | 'cookie';

/** Looks a field name up as it was spelled. */
export type FieldRules = (name: string) => FieldRule;

/** RFC 9110 section 7.6.1, and what older proxies took for their own. */
const hopByHop = [
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'proxy-connection',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect', // answered here, after the decision
  'content-length', // written by us, from the framing that was understood
];

/** Names by which some app or other would believe a proxy, or take another target than was judged. */
const proxyOnly = [
  'forwarded',
  'x-forwarded',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-originating-ip',
  'x-remote-ip',
  'x-remote-addr',
  'client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'fastly-client-ip',
  'x-azure-clientip',
  'x-appengine-user-ip',
  'x-envoy-external-address',
  'x-envoy-original-path',
  'x-original-uri',
  'x-original-url',
  'x-original-path',
  'x-original-method',
  'x-original-host',
  'x-original-forwarded-for',
  'x-rewrite-url',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-host',
  'remote-user',
  'x-remote-user',
  'x-remote-group',
  'x-remote-groups',
  'x-ssl-client-cert',
  'x-client-cert',
  'proxy', // as a variable of CGI it is HTTP_PROXY (CVE-2016-5385)
];
const proxyOnlyPrefixes = [
  'x-forwarded-',
  'x-auth-request-',
  'x-authenticated-',
  'x-goog-authenticated-',
  'x-amzn-oidc-',
  'x-ms-client-principal',
  'x-remote-extra-',
  'x-webauth-',
  'x-ssl-client-',
  'ssl-client-',
];

/** Fields that must not come in under another spelling: the app would read them, we did not. */
const onlyAsSpelled = new Set([
  ...hopByHop,
  'connection',
  'host',
  'te',
  'authorization',
  'cookie',
  'content-type',
  'content-encoding',
  'origin',
]);

/** Lines that the ambassador writes of its own knowledge, beside those that say who is asking. */
const written = new Set([
  ...hopByHop,
  ...['connection', 'host', 'te', 'forwarded', 'traceparent', 'tracestate'],
  ...['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'],
]);

/** Whether a field of this name, however spelled, would stand beside one that is written anyway. */
export function isWritten(name: string): boolean {
  return written.has(foldName(name));
}

const maxRemembered = 1024;
const maxRememberedLength = 64;

/**
 * The name as servers that make variables of names (CGI, WSGI, Rack, PHP) see it: every sign that
 * is neither letter nor digit becomes one and the same.
 */
export function foldName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-');
}

/**
 * Rules for the fields of requests.
 *
 * @param own names that the ambassador sets or keeps to itself: identity headers, credentials
 * @param judged lower-case names that a decision read: no other spelling of them may go on
 * @param sorted whether some cookies are the ambassador's own, so that `Cookie` has to be looked into
 */
export function createFieldRules(
  own: Iterable<string>,
  judged: readonly string[] = [],
  sorted = false,
): FieldRules {
  const dropped = new Set([...hopByHop, ...proxyOnly, ...[...own].map(foldName)]);
  const spelled = new Map(judged.map((name) => [foldName(name), name]));
  const remembered = new Map<string, FieldRule>();
  const decide = (name: string): FieldRule => {
    const lower = name.toLowerCase();
    const folded = foldName(name);
    if (lower === 'connection' || lower === 'host' || lower === 'te') return lower;
    if (dropped.has(folded)) return 'drop';
    if (sorted && lower === 'cookie') return 'cookie';
    if (proxyOnlyPrefixes.some((prefix) => folded.startsWith(prefix))) return 'drop';
    if (folded !== lower && onlyAsSpelled.has(folded)) return 'drop';
    if ((spelled.get(folded) ?? lower) !== lower) return 'drop';
    return 'pass';
  };
  return (name) => {
    const known = remembered.get(name);
    if (known !== undefined) return known;
    const rule = decide(name);
    if (name.length <= maxRememberedLength && remembered.size < maxRemembered) {
      remembered.set(name, rule);
    }
    return rule;
  };
}

const droppedFromAnswers = createFieldNames([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The fields of an answer that go on to the caller, as names and values in turn. */
export function filterAnswerFields(
  headers: readonly string[],
  connection: string | undefined,
): string[] {
  const nominated = connection === undefined ? undefined : readNominees(connection);
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (droppedFromAnswers(name) !== undefined) continue;
    if (nominated?.has(name.toLowerCase()) === true) continue;
    kept.push(name, headers[i + 1] ?? '');
  }
  return kept;
}

/** The field names that a `Connection` value takes for its own hop; undefined if only options. */
export function readNominees(connection: string): ReadonlySet<string> | undefined {
  if (connection === 'keep-alive' || connection === 'close') return undefined;
  const names = connection
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'close' && name !== 'keep-alive');
  return names.length === 0 ? undefined : new Set(names);
}
