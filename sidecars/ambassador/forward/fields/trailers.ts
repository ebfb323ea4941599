import { foldName } from './field-rules.ts';

/** Fields that mean nothing, or something else, behind a body (RFC 9110 section 6.5.1). */
const forbidden =
  /^(?:connection|keep-alive|te|trailer|transfer-encoding|upgrade|content-.*|host|expect|max-forwards|cache-control|pragma|range|if-.*|authorization|www-authenticate|cookie|set-cookie|age|date|expires|location|retry-after|vary|warning|forwarded|via|origin|referer|proxy-.*|remote-user)$/;

/** The trailer fields that may go on, as names and values in turn. */
export function filterTrailers(
  trailers: readonly string[],
  mayPass: (name: string) => boolean = () => true,
): string[] {
  const kept: string[] = [];
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i] ?? '';
    if (!forbidden.test(foldName(name)) && mayPass(name)) kept.push(name, trailers[i + 1] ?? '');
  }
  return kept;
}

/** Trailer lines, each with its CRLF. */
export function writeTrailers(trailers: readonly string[]): string {
  let lines = '';
  for (let i = 0; i < trailers.length; i += 2) lines += `${trailers[i]}: ${trailers[i + 1]}\r\n`;
  return lines;
}
