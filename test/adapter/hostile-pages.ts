import { createCollector } from '../../sidecars/adapter/map/collector.ts';
import { createPageMapper } from '../../sidecars/adapter/map/mapper.ts';
import type { Family } from '../../sidecars/adapter/sample.ts';
import type { Random } from './hostile.ts';

const names = [
  'x',
  'x_total',
  'x_info',
  'x_bucket',
  'x_sum',
  'x_count',
  'x_created',
  'y',
  'a.b',
  'a_b',
];
const types = [
  'counter',
  'gauge',
  'histogram',
  'summary',
  'untyped',
  'unknown',
  'info',
  'stateset',
  'gaugehistogram',
  'odd',
];
const values = ['1', '-1', '0.5', 'NaN', '+Inf', '-Inf', '1e400', 'x', '', '0x1p4', '1_000'];
const labels = [
  'a="1"',
  'a="2"',
  'b="q\\"\\n"',
  'le="1"',
  'le="+Inf"',
  'le="x"',
  'quantile="0.5"',
  '"a.b"="c"',
  'x="s"',
  'é="1"',
  'a="',
];
const tails = ['', '', '', ' 1700000000000', ' 1.5', ' 1e30', ' # {t="1"} 1', ' # {t="1"}'];

function line(random: Random): string {
  const name = random.pick(names);
  switch (random.below(8)) {
    case 0:
      return `# TYPE ${name} ${random.pick(types)}`;
    case 1:
      return `# HELP ${name} text \\ "quoted"\\n`;
    case 2:
      return random.pick(['# EOF', '', '# free', '# UNIT x x', '{', `{"${name}"} 1`, '\u0000']);
    default: {
      const inside = Array.from({ length: random.below(4) }, () => random.pick(labels)).join(',');
      const braces = inside === '' ? '' : `{${inside}}`;
      return `${name}${braces} ${random.pick(values)}${random.pick(tails)}`;
    }
  }
}

/** A page of lines by chance, some of them broken. */
export function hostilePage(random: Random): string {
  const lines = Array.from({ length: random.below(30) }, () => line(random));
  return `${lines.join('\n')}\n`;
}

/** What is left of a page of lines by chance. */
export function familiesOfBrokenPage(random: Random, onDrop = () => {}): readonly Family[] {
  const page = hostilePage(random);
  const contentType = random.pick(['text/plain', 'application/openmetrics-text', undefined]);
  const collector = createCollector({ series: 50, labelLength: 50, onDrop });
  const mapper = createPageMapper({ prefix: '', labels: { from: 'x' } });
  const bytes = Buffer.from(page);
  try {
    void mapper({ bytes, contentType }, () => collector, new AbortController().signal);
  } catch (error) {
    // A page of which no line can be read is refused as a whole.
    if (!(error instanceof SyntaxError) || collector.families().length > 0) throw error;
  }
  return collector.families();
}
