import type { Callers } from './callers.ts';
import type { LineLedger } from './line-ledger.ts';
import { findValue, type Series } from './metrics-page.ts';
import type { Pod } from './pod.ts';
import type { Stats } from './stock.ts';

/** One promise of the pod, and whether it was kept. */
export interface Finding {
  readonly ok: boolean;
  readonly what: string;
  readonly figures: string;
}

/** Each line that the shop wrote has come out of log-tail once. */
export function judgeLines(pod: Pod, ledger: LineLedger): Finding {
  const written = pod.log.lines();
  const { missing, repeated } = ledger.compare(written);
  return {
    ok: written > 0 && missing === 0 && repeated === 0,
    what: 'every line came out once',
    figures: `${written} written through ${pod.log.rotations()} rotations, ${missing} missing, ${repeated} repeated`,
  };
}

/** What was let in reached the shop, and nothing else did. */
export function judgeRequests(pod: Pod, callers: Callers): Finding {
  const seen = pod.shop.seen();
  const { in: letIn, away } = callers.let();
  const sneaked = [...away].filter((number) => seen.has(number)).length;
  const lost = [...letIn].filter((number) => !seen.has(number)).length;
  const surprises = callers.surprises();
  return {
    ok: letIn.size > 0 && away.size > 0 && sneaked === 0 && lost === 0 && surprises.length === 0,
    what: 'no refused request reached the app',
    figures: [
      `${letIn.size} let in, ${away.size} turned away, ${sneaked} of those seen by the app`,
      ...surprises.slice(0, 3),
    ].join('; '),
  };
}

/** The numbers of the stats document stand in the page. */
export function judgePage(stats: Stats, page: readonly Series[]): Finding {
  const expected: [string, Record<string, string>, number][] = [
    ['shop_orders_total', {}, stats.orders.taken],
    ['shop_queue_length', {}, stats.orders.waiting],
    ['shop_healthy', {}, stats.status === 'UP' ? 1 : 0],
    ...Object.entries(stats.shelves).flatMap(
      ([shelf, { items, sold }]): [string, Record<string, string>, number][] => [
        ['shop_shelf_items', { shelf }, items],
        ['shop_shelf_sold_total', { shelf }, sold],
      ],
    ),
  ];
  const wrong = expected.filter(([name, labels, value]) => findValue(page, name, labels) !== value);
  const differing = wrong.map(([name, labels]) => name + JSON.stringify(labels)).slice(0, 3);
  return {
    ok: wrong.length === 0,
    what: "the app's numbers stand in the metrics page",
    figures: [`${expected.length - wrong.length} of ${expected.length} agree`, ...differing].join(
      '; ',
    ),
  };
}

/** Each container ended well when asked to. */
export function judgeEndings(endings: Readonly<Record<string, number | string>>): Finding {
  const codes = Object.entries(endings);
  return {
    ok: codes.length === 3 && codes.every(([, code]) => code === 0),
    what: 'the containers stopped when asked',
    figures: codes.map(([name, code]) => `${name} ${code}`).join(', '),
  };
}

export function renderFindings(findings: readonly Finding[]): string {
  return findings
    .map(({ ok, what, figures }) => `  ${ok ? 'ok    ' : 'FAILED'}  ${what}: ${figures}`)
    .join('\n');
}
