import { parseJson } from './json.ts';
import type { Unwrapped } from './parser.ts';
import { parseTime } from './time.ts';

const cri = /^(\S+) (stdout|stderr) ([FP])(?:|:\S*) ?/;

/** `2026-11-23T01:02:03.004Z stdout F text`, as containerd and CRI-O write; P: to be continued. */
export function unwrapCri(line: string): Unwrapped | undefined {
  const match = cri.exec(line);
  if (match === null) return undefined;
  const [whole, time, stream = 'stdout', flag] = match;
  return { text: line.slice(whole.length), time: parseTime(time), stream, partial: flag === 'P' };
}

/** `{"log":"text\n","stream":"stdout","time":"..."}`; without the line end it is to be continued. */
export function unwrapDocker(line: string): Unwrapped | undefined {
  const entry = parseJson(line);
  if (entry === undefined || typeof entry['log'] !== 'string') return undefined;
  const text = entry['log'];
  const partial = !text.endsWith('\n');
  return {
    text: partial ? text : text.replace(/\r?\n$/, ''),
    time: parseTime(entry['time']),
    stream: entry['stream'] === 'stderr' ? 'stderr' : 'stdout',
    partial,
  };
}
