import type { Refusal } from '../refusal.ts';

/** Readings of a path that are refused unless somebody needs them and knows how the app takes them. */
export interface TargetOptions {
  /** `%2F` inside a segment, as npm registries and GitLab have it. */
  readonly encodedSlash: boolean;
  /** `;` and what follows it, the parameters of a segment. */
  readonly semicolon: boolean;
}

/** What a request asks for, in the one spelling that is both judged and forwarded. */
export interface Target {
  readonly path: string;
  /** With its `?`; empty if there is none. Never part of a decision. */
  readonly query: string;
}

const plainPath = /^\/(?:[A-Za-z0-9_~!$&'()*+,=:@.-]+(?:\/|$))*$/;
const plainQuery = /^[\x21\x24-\x7e]*$/;
const dotSegment = /(?:^|\/)\.{1,2}(?:\/|;|$)/;

/**
 * Reads a request target in origin form. Whatever two servers might take for two different paths
 * is refused, not repaired: dot segments, empty segments, backslashes, encoded slashes, control
 * characters, escapes of escapes. Escapes of letters, digits and `-._~` are undone
 * (RFC 3986 section 6.2.2.2), and the result is what the app gets.
 */
export function readTarget(url: string, options: TargetOptions): Target | Refusal {
  if (url.charCodeAt(0) !== 0x2f) return refuse('not a path');
  const mark = url.indexOf('?');
  const rawPath = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? '' : url.slice(mark);
  if (query !== '' && !plainQuery.test(query.slice(1))) {
    return refuse('a character in the query that must be escaped');
  }
  if (plainPath.test(rawPath) && !dotSegment.test(rawPath)) return { path: rawPath, query };
  return readUnusual(rawPath, query, options);
}

function readUnusual(rawPath: string, query: string, options: TargetOptions): Target | Refusal {
  if (/[^\x21-\x7e]/.test(rawPath)) return refuse('a character that must be escaped');
  if (rawPath.includes('#')) return refuse('a fragment');
  if (rawPath.includes('\\')) return refuse('a backslash');
  if (!options.semicolon && rawPath.includes(';')) return refuse('a semicolon');
  if (/%(?![0-9A-Fa-f]{2})/.test(rawPath)) return refuse('a broken escape');
  if (/%(?:[01][0-9A-F]|7F)/i.test(rawPath)) return refuse('an escaped control character');
  if (/%5C/i.test(rawPath)) return refuse('an escaped backslash');
  if (!options.encodedSlash && /%2F/i.test(rawPath)) return refuse('an escaped slash');
  if (!options.semicolon && /%3B/i.test(rawPath)) return refuse('an escaped semicolon');
  const path = rawPath.replace(/%[0-9A-Fa-f]{2}/g, undoNeedless);
  if (/%25[0-9A-Fa-f]{2}/.test(path)) return refuse('an escape of an escape');
  if (path.includes('//')) return refuse('an empty segment');
  if (dotSegment.test(options.encodedSlash ? path.replace(/%2F/g, '/') : path)) {
    return refuse('a dot segment');
  }
  return { path, query };
}

function undoNeedless(escaped: string): string {
  const sign = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  return /[A-Za-z0-9._~-]/.test(sign) ? sign : escaped.toUpperCase();
}

function refuse(detail: string): Refusal {
  return { status: 400, reason: 'ambiguous_path', detail };
}
