/** One segment of a pattern: a literal, `*` for any one segment, `**` for any number, even none. */
export type PatternSegment = string;

// `/` has none, and an ending slash makes no other path.
export function splitPattern(pattern: string): readonly PatternSegment[] {
  const trimmed = pattern.replace(/^\//, '').replace(/\/$/, '');
  return trimmed === '' ? [] : trimmed.split('/');
}

/** What is wrong with a pattern, with the mend; undefined when it is well. */
export function checkPattern(pattern: string): string | undefined {
  if (!pattern.startsWith('/')) return 'a path pattern begins with "/"';
  if (/[?#]/.test(pattern)) {
    return 'can never match: a pattern is about the path alone, without query and fragment';
  }
  if (/[^\x21-\x7e]/.test(pattern)) {
    return 'can never match: write spaces and letters beyond ASCII percent-encoded';
  }
  const segments = splitPattern(pattern);
  for (const [index, segment] of segments.entries()) {
    if (segment === '') return 'can never match: requests with an empty segment ("//") are refused';
    if (segment === '.' || segment === '..') {
      return 'can never match: requests with dot segments are refused';
    }
    if (segment.includes('\\')) return 'can never match: requests with a backslash are refused';
    if (/%(?:2e|2d|5f|7e|3[0-9]|[46][1-9a-f]|[57][0-9a])/i.test(segment)) {
      return 'can never match: letters, digits and -._~ are matched without their escapes';
    }
    if (segment === '**') {
      if (index !== segments.length - 1) return '"**" may stand only at the end of a pattern';
    } else if (segment !== '*' && segment.includes('*')) {
      return '"*" stands for a whole segment; name the segment, or use "*" alone';
    }
  }
  return undefined;
}
