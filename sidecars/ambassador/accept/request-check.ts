import type { IncomingMessage } from 'node:http';
import type { FieldNames } from '../../core/field-names.ts';
import type { Refusal } from '../refusal.ts';
import { readTarget, type Target, type TargetOptions } from './target.ts';

/** A request whose head can be read in one way only. */
export interface CheckedRequest extends Target {
  readonly method: string;
  /** The value of `Host`, lower case, with its port. */
  readonly host: string;
  /** `chunked`, the value of `Content-Length`, or undefined when there is no body. */
  readonly body: string | undefined;
}

export interface CheckOptions extends TargetOptions {
  /** Most header lines of a request. */
  readonly maxHeaders: number;
  /** Longest head, in bytes. */
  readonly maxHead: number;
  /** Names that must not come twice: whatever a decision reads. */
  readonly singular: FieldNames;
  /** Lower-case names that a decision reads and the app as well. */
  readonly judged: ReadonlySet<string>;
}

const hostPattern = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
/** What goes through; TRACE and CONNECT never do, and what is not known may mean anything. */
export const knownMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'REPORT',
  'SEARCH',
  'QUERY',
  'PURGE',
]);

/** RFC 9110 section 15.5.6 asks for it. */
const allowAll = ['Allow', [...knownMethods].join(', ')];

/** Refuses a head that the app could read in another way than we do. */
export function checkRequest(
  request: IncomingMessage,
  options: CheckOptions,
): CheckedRequest | Refusal {
  const { method = '', url = '', rawHeaders, headers } = request;
  if (!knownMethods.has(method)) {
    return { status: 405, reason: 'method_not_supported', headers: allowAll };
  }
  if (rawHeaders.length > options.maxHeaders * 2) {
    return { status: 431, reason: 'too_many_headers' };
  }
  if (request.httpVersionMajor === 2 && lengthOf(rawHeaders) > options.maxHead) {
    return { status: 431, reason: 'head_too_long' };
  }
  const repeated = findRepeated(rawHeaders, options.singular);
  if (repeated !== undefined) {
    return { status: 400, reason: 'duplicate_header', detail: repeated };
  }
  if (options.judged.size > 0 && nominates(headers.connection, options.judged)) {
    return malformed('Connection takes away what a decision reads');
  }
  const host = headers.host ?? '';
  if (!hostPattern.test(host)) return malformed('Host is missing or is none');
  const target = readTarget(url, options);
  if ('reason' in target) return target;
  const coding = headers['transfer-encoding'];
  if (coding !== undefined) {
    if (request.httpVersionMinor === 0) return malformed('Transfer-Encoding in HTTP/1.0');
    if (coding.toLowerCase() !== 'chunked') return malformed('a transfer coding but chunked');
    if (headers['content-length'] !== undefined) return malformed('two framings');
  }
  const body = coding === undefined ? headers['content-length'] : 'chunked';
  if (body !== undefined && body !== 'chunked' && !/^[0-9]{1,15}$/.test(body)) {
    return malformed('Content-Length is no number');
  }
  const { path, query } = target;
  return { path, query, method, host: host.toLowerCase(), body };
}

/** Whether `Connection` has any of the names removed before the app (RFC 9110 section 7.6.1). */
function nominates(connection: string | undefined, names: ReadonlySet<string>): boolean {
  if (connection === undefined) return false;
  return connection.split(',').some((option) => names.has(option.trim().toLowerCase()));
}

function malformed(detail: string): Refusal {
  return { status: 400, reason: 'malformed_request', detail };
}

/**
 * Of the names and values. The parser of HTTP/1.1 counts for itself; in HTTP/2 a caller is held to
 * SETTINGS_MAX_HEADER_LIST_SIZE only once it has acknowledged it, and it need not.
 */
function lengthOf(rawHeaders: readonly string[]): number {
  return rawHeaders.reduce((sum, text) => sum + text.length, 0);
}

/** Node hands on the first of several values of some fields: whoever reads the last one is fooled. */
function findRepeated(rawHeaders: readonly string[], singular: FieldNames): string | undefined {
  const seen: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const lower = singular(rawHeaders[i] ?? '');
    if (lower === undefined) continue;
    if (seen.includes(lower)) return lower;
    seen.push(lower);
  }
  return undefined;
}
