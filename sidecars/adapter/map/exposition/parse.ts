import type { Collector } from '../collector.ts';
import { toLabelText } from '../labels.ts';
import { type Assembly, createAssembly } from './assemble.ts';
import { type Line, readLine } from './line.ts';

export interface ExpositionOptions {
  readonly openMetrics: boolean;
  /** In front of every name. */
  readonly prefix: string;
  /** Added to every sample; they win over the page's own. */
  readonly labels: Readonly<Record<string, string>>;
  /** What labels were written as, kept by who reads a page of the same few series again and again. */
  readonly labelTexts?: Map<string, string>;
  /** A line that is not as the format wants it, which counts from 1; the others are still taken. */
  onFault(line: number, fault: string): void;
}

/** What a media type says of a page: whether it is in OpenMetrics. */
export function isOpenMetrics(contentType: string | undefined): boolean {
  return contentType?.trim().toLowerCase().startsWith('application/openmetrics-text') === true;
}

/** Takes a page in text format 0.0.4 or OpenMetrics 1.0 apart into families. */
export function parseExposition(
  page: string,
  collector: Collector,
  options: ExpositionOptions,
): void {
  const { openMetrics, prefix, labels: added, labelTexts: texts = new Map(), onFault } = options;
  const assembly = createAssembly(collector, {
    ...options,
    labelText(raw, labels, without) {
      const key = without === undefined ? raw : `${raw}\0${without}`;
      const known = texts.get(key);
      if (known !== undefined) return known;
      const own = Object.fromEntries([...labels].filter(([name]) => name !== without));
      const text = toLabelText({ ...own, ...added });
      texts.set(key, text);
      return text;
    },
  });
  const lines = page.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else onFault(lines.length, 'the last line has no line end');
  let ended = false;
  lines.forEach((text, index) => {
    const tell = (reason: string) => onFault(index + 1, reason);
    if (ended) {
      tell('a line behind # EOF');
      return;
    }
    const line = readLine(text, openMetrics);
    ended = line.kind === 'eof';
    take(line, assembly, prefix, tell);
  });
  if (openMetrics && !ended) onFault(lines.length, 'no # EOF at the end');
  assembly.finish();
}

function take(line: Line, assembly: Assembly, prefix: string, tell: (fault: string) => void): void {
  switch (line.kind) {
    case 'fault':
      tell(line.fault);
      break;
    case 'sample':
      assembly.sample({ ...line, name: prefix + line.name }, tell);
      break;
    case 'help':
    case 'type':
    case 'unit':
      assembly.describe(line.kind, prefix + line.name, line.text, tell);
      break;
    default:
      break;
  }
}
