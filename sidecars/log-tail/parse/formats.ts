import { parseAccess } from './access.ts';
import type { FormatConfig } from './config.ts';
import { unwrapCri, unwrapDocker } from './container-runtime.ts';
import { parseJson } from './json.ts';
import { looksLikeLogfmt, parseLogfmt } from './logfmt.ts';
import type { Parser, Unwrapper } from './parser.ts';

/** How records of one input are read. */
export interface Format {
  /** For metrics: the name, or `regex`. */
  readonly name: string;
  readonly unwrap: Unwrapper | undefined;
  readonly parse: Parser | undefined;
  /** Whether text that it cannot read is to be counted as a failure. */
  readonly strict: boolean;
}

const noUnwrap = { unwrap: undefined, strict: true };

export function createFormat(format: FormatConfig): Format {
  switch (format) {
    case 'auto':
      return { name: 'auto', unwrap: undefined, parse: detect, strict: false };
    case 'json':
      return { name: 'json', ...noUnwrap, parse: parseJson };
    case 'logfmt':
      return { name: 'logfmt', ...noUnwrap, parse: parseLogfmt };
    case 'access':
      return { name: 'access', ...noUnwrap, parse: parseAccess };
    case 'cri':
      return { name: 'cri', unwrap: unwrapCri, parse: detect, strict: false };
    case 'docker':
      return { name: 'docker', unwrap: unwrapDocker, parse: detect, strict: false };
    case 'raw':
      return { name: 'raw', ...noUnwrap, parse: undefined };
    default:
      return {
        name: 'regex',
        ...noUnwrap,
        parse: (text) => format.regex.groups(text) ?? undefined,
      };
  }
}

/** JSON, logfmt or an access log by how the text begins; undefined when it is none of them. */
function detect(text: string): Record<string, unknown> | undefined {
  const first = text.charCodeAt(0);
  if (first === 123) return parseJson(text);
  if (looksLikeLogfmt(text)) return parseLogfmt(text);
  return text.includes('] "') ? parseAccess(text) : undefined;
}
