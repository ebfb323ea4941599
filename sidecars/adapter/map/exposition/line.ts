/** A line of a page that is in the format of Prometheus. */
export type Line =
  | {
      readonly kind: 'sample';
      readonly name: string;
      /** What stands between the braces, as it was written and as it reads. */
      readonly labelText: string;
      readonly labels: ReadonlyMap<string, string>;
      readonly value: number;
      /** As it was written: milliseconds in text format, seconds in OpenMetrics. */
      readonly timestamp: number | undefined;
      readonly exemplar: string | undefined;
    }
  | { readonly kind: 'help' | 'type' | 'unit'; readonly name: string; readonly text: string }
  | { readonly kind: 'eof' | 'nothing' }
  | { readonly kind: 'fault'; readonly fault: string };

const metadata =
  /^# (HELP|TYPE|UNIT)[ \t]+(?:"((?:[^"\\]|\\.)*)"|([a-zA-Z_:][a-zA-Z0-9_:]*))(?:[ \t](.*))?$/;
const sampleHead = /^(?:([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*)?(\{)?/;
const labelPart =
  /[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|([a-zA-Z_][a-zA-Z0-9_]*))[ \t]*(?:=[ \t]*"((?:[^"\\\n]|\\.)*)")?[ \t]*(,|(?=\}))/y;
const tailPattern = /^[ \t]*(\S+)(?:[ \t]+(-?[\d.eE+]+))?[ \t]*(?:# (\{.*))?$/;
const exemplarPattern =
  /^\{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\[\\"n])*"(?:,(?!\})|(?=\})))*\} [^\s#]+(?: -?[\d.eE+]+)?$/;

/** Reads one line, without its line end. */
export function readLine(line: string, openMetrics: boolean): Line {
  if (line.startsWith('#')) return readComment(line, openMetrics);
  if (line.trim() === '') {
    return openMetrics ? fault('a blank line, which OpenMetrics has none of') : { kind: 'nothing' };
  }
  return readSample(line, openMetrics);
}

function fault(text: string): Line {
  return { kind: 'fault', fault: text };
}

function readComment(line: string, openMetrics: boolean): Line {
  if (openMetrics && line === '# EOF') return { kind: 'eof' };
  const found = metadata.exec(line);
  if (found === null) {
    return openMetrics || /^# (HELP|TYPE)[ \t]/.test(line)
      ? fault('not a HELP, TYPE, UNIT or EOF line')
      : { kind: 'nothing' };
  }
  const [, keyword, quoted, plain = '', text = ''] = found;
  const name = quoted === undefined ? plain : readEscapes(quoted);
  if (name === undefined) return fault('an escape that does not exist');
  if (keyword === 'UNIT') {
    return openMetrics ? { kind: 'unit', name, text } : { kind: 'nothing' };
  }
  return keyword === 'HELP'
    ? { kind: 'help', name, text: readHelp(text) }
    : { kind: 'type', name, text: text.trim() };
}

function readHelp(text: string): string {
  return text.replace(/\\([\\n"])/g, (_, char) => (char === 'n' ? '\n' : char));
}

function readSample(line: string, openMetrics: boolean): Line {
  const [head = '', plainName, brace] = sampleHead.exec(line) ?? [];
  let name = plainName;
  let at = head.length;
  let labelText = '';
  const labels = new Map<string, string>();
  if (brace !== undefined) {
    const read = readLabels(line, at, labels);
    if (typeof read === 'string') return fault(read);
    if (read.name !== undefined && name !== undefined) return fault('two metric names');
    name ??= read.name;
    labelText = line.slice(at, read.end - 1);
    at = read.end;
  }
  if (name === undefined) return fault('no metric name');
  const tail = tailPattern.exec(line.slice(at));
  const value = readFloat(tail?.[1] ?? '');
  if (tail === null || value === undefined) return fault('no number behind the name');
  const timestamp = tail[2] === undefined ? undefined : Number(tail[2]);
  const exemplar = tail[3];
  if (timestamp !== undefined && !isTimestamp(timestamp, openMetrics))
    return fault('not a timestamp');
  if (exemplar !== undefined && !(openMetrics && exemplarPattern.test(exemplar))) {
    return fault('not an exemplar');
  }
  return { kind: 'sample', name, labelText, labels, value, timestamp, exemplar };
}

/** Whole milliseconds in text format, seconds in OpenMetrics; no further off than calendars go. */
function isTimestamp(timestamp: number, openMetrics: boolean): boolean {
  return openMetrics
    ? Math.abs(timestamp) < 8.64e12
    : Number.isInteger(timestamp) && Math.abs(timestamp) < 8.64e15;
}

/** @returns where the labels end and the name if it stands among them, or what is wrong */
function readLabels(
  line: string,
  start: number,
  labels: Map<string, string>,
): { readonly end: number; readonly name: string | undefined } | string {
  let at = start;
  let name: string | undefined;
  for (;;) {
    if (line[at] === '}') return { end: at + 1, name };
    labelPart.lastIndex = at;
    const found = labelPart.exec(line);
    if (found === null) return `not a label: ${line.slice(at, at + 40)}`;
    const [whole, quoted, plain, rawValue] = found;
    at += whole.length;
    const key = quoted === undefined ? plain : readEscapes(quoted);
    if (key === undefined) return 'an escape that does not exist';
    if (rawValue === undefined) {
      if (quoted === undefined || name !== undefined || labels.size > 0)
        return 'a label without value';
      name = key;
      continue;
    }
    const value = readEscapes(rawValue);
    if (value === undefined) return 'an escape that does not exist';
    if (labels.has(key)) return `the label ${key} twice`;
    labels.set(key, value);
  }
}

function readEscapes(text: string): string | undefined {
  if (!text.includes('\\')) return text;
  if (/^(?:[^\\]|\\[\\"n])*$/s.test(text) === false) return undefined;
  return text.replace(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char));
}

/** What Go's ParseFloat takes, but for hexadecimal and underscores. */
function readFloat(text: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text);
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinity = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinity === null) return undefined;
  return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
