import { withoutCookies } from '../fields/cookies.ts';
import { type FieldRules, readNominees } from '../fields/field-rules.ts';

/** A request as it goes on to the app. */
export interface RequestHead {
  readonly method: string;
  /** Path and query, exactly as they were judged. */
  readonly target: string;
  /** The caller's fields, as names and values in turn. */
  readonly rawHeaders: readonly string[];
  /** Names of cookies that are not the app's business. */
  readonly ownCookies: ReadonlySet<string>;
  /** The one `Host` that the app is to see. */
  readonly host: string;
  /** Lines to add, each with its CRLF; made by `fieldLine`. */
  readonly added: string;
  /** `Content-Length` of the body, `chunked`, or undefined when there is none. */
  readonly body: string | undefined;
  /** The protocol to upgrade to; undefined for an ordinary request. */
  readonly upgrade: string | undefined;
}

/** One header line. @throws Error when name or value could end the line early */
export function fieldLine(name: string, value: string): string {
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) throw new Error(`${name}: a control character`);
  return `${name}: ${value}\r\n`;
}

/**
 * Writes the head that the app gets: the caller's fields without those of its own hop
 * (RFC 9110 section 7.6.1) and without those that the ambassador sets; then ours. Fields that
 * `Connection` nominates go first, so that no caller can have ours removed.
 *
 * @returns the head in latin1
 */
export function writeRequestHead(request: RequestHead, rules: FieldRules): string {
  const { method, target, rawHeaders, ownCookies, host, added, body, upgrade } = request;
  const nominated = findNominated(rawHeaders, rules);
  let head = `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const rule = rules(name);
    if (rule === 'pass') {
      if (nominated?.has(name.toLowerCase())) continue;
      head += `${name}: ${rawHeaders[i + 1]}\r\n`;
    } else if (rule === 'cookie') {
      const cookies = withoutCookies(rawHeaders[i + 1] ?? '', ownCookies);
      if (cookies !== '' && !nominated?.has('cookie')) head += `${name}: ${cookies}\r\n`;
    } else if (rule === 'te' && acceptsTrailers(rawHeaders[i + 1] ?? '')) {
      head += 'TE: trailers\r\n';
    }
  }
  head += added;
  if (body === 'chunked') head += 'Transfer-Encoding: chunked\r\n';
  else if (body !== undefined) head += `Content-Length: ${body}\r\n`;
  if (upgrade !== undefined) head += `Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n`;
  return `${head}\r\n`;
}

function findNominated(
  rawHeaders: readonly string[],
  rules: FieldRules,
): ReadonlySet<string> | undefined {
  let all: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rules(rawHeaders[i] ?? '') !== 'connection') continue;
    const value = rawHeaders[i + 1] ?? '';
    all = all === undefined ? value : `${all},${value}`;
  }
  return all === undefined ? undefined : readNominees(all);
}

/** `TE` is the caller's word to us; only this much of it is ours to pass on (RFC 9110 10.1.4). */
export function acceptsTrailers(te: string): boolean {
  return te.split(',').some((part) => part.trim().toLowerCase() === 'trailers');
}
