import { type Finding, type LintedFamily, readPage } from './page.ts';
import { rules } from './rules.ts';

export type { Finding };

/**
 * Lints a page in text format 0.0.4: what loses data, then the rules of promtool.
 * @see https://prometheus.io/docs/practices/naming/
 */
export function lintPage(text: string): readonly Finding[] {
  const { families, findings } = readPage(text);
  const style = families.flatMap((family) => rules.flatMap((rule) => rule(family).map(at(family))));
  return [...findings, ...style].sort((a, b) => a.line - b.line);
}

function at({ line, name }: LintedFamily) {
  return (message: string): Finding => ({ line, metric: name, severity: 'warning', message });
}
