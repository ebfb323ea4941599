import { describeError } from '../../core/errors.ts';
import { deadlineIn, pause } from '../../core/lifecycle.ts';
import type { Terminal } from '../command.ts';
import { type Callers, createCallers } from './callers.ts';
import { createLineLedger, type LineLedger } from './line-ledger.ts';
import { servePage } from './live-page.ts';
import { createObserver, type Observer } from './observer.ts';
import { type Pod, startPod } from './pod.ts';
import { startPrometheus } from './prometheus.ts';
import {
  type Finding,
  judgeEndings,
  judgeLines,
  judgePage,
  judgeRequests,
  renderFindings,
} from './verdict.ts';

export interface DemoOptions {
  readonly terminal: Terminal;
  /** Of the live page. */
  readonly port: number;
  readonly otherwiseAnyPort: boolean;
  /** How long it runs once everything is up; undefined for until `interrupt`. */
  readonly seconds: number | undefined;
  readonly interrupt: AbortSignal;
}

/** How often the page gets a new moment. */
const beatMs = 500;
/** How long the last lines may take from the file to standard output. */
const catchUpMs = 5000;

/** Runs the pod until `end`. @returns whether it kept each of its promises */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const { terminal, seconds, interrupt } = options;
  const live = await servePage({
    port: options.port,
    otherwiseAny: options.otherwiseAnyPort,
    complain: terminal.complain,
  });
  const ledger = createLineLedger();
  const pod = await startPod(ledger.take).catch(async (error: unknown) => {
    await live.stop();
    throw error;
  });
  const prometheus = await startPrometheus(pod.folder, pod.metricsPage);
  const callers = createCallers(pod.entry);
  const observer = createObserver({ pod, callers, ledger, prometheusUrl: prometheus?.url });
  try {
    terminal.print(greeting(live.url, pod, prometheus?.url));
    callers.start();
    const end = seconds === undefined ? interrupt : deadlineIn(seconds * 1000, interrupt);
    while (!end.aborted) {
      live.show(await observer.look());
      await pause(beatMs, end);
    }
    const findings = await windUp({ pod, callers, ledger, observer });
    terminal.print(`\n${renderFindings(findings)}`);
    return findings.every(({ ok }) => ok);
  } finally {
    await endEach(
      [callers.stop, observer.close, async () => prometheus?.stop(), pod.remove, live.stop],
      terminal,
    );
  }
}

/** Ends one after the other; what cannot end keeps no process of the pod alive. */
async function endEach(ends: readonly (() => Promise<void>)[], terminal: Terminal): Promise<void> {
  for (const end of ends) {
    await end().catch((error: unknown) => terminal.complain(`podmates: ${describeError(error)}`));
  }
}

interface Running {
  readonly pod: Pod;
  readonly callers: Callers;
  readonly ledger: LineLedger;
  readonly observer: Observer;
}

/** Lets everything come to rest, so that numbers can be compared, and compares them. */
async function windUp({ pod, callers, ledger, observer }: Running): Promise<readonly Finding[]> {
  await callers.stop();
  pod.shop.rest();
  const numbers = judgePage(pod.shop.stats(), await observer.page());
  const deadline = performance.now() + catchUpMs;
  while (ledger.total() < pod.log.lines() && performance.now() < deadline) await pause(20);
  const endings = judgeEndings(await pod.stop());
  return [judgeLines(pod, ledger), judgeRequests(pod, callers), numbers, endings];
}

function greeting(
  page: string,
  { entry, metricsPage }: Pod,
  prometheus: string | undefined,
): string {
  return `A pod is running on this machine: an app that knows nothing of podmates, and beside it
log-tail, ambassador and adapter.

  look at it       ${page}
  the way in       ${entry}   (curl -i ${entry}/orders/)
  metrics page     ${metricsPage}
  Prometheus       ${prometheus ?? 'not started: there is none on the PATH'}
`;
}
