import type { DirectoryWatch } from './find/watch.ts';

/** Decides when to look at what. */
export interface Schedule {
  start(): void;
  /** The kernel says that something happened at this path. */
  hint(path: string): void;
  /** There is something to do now. */
  wake(): void;
  /** A scan is needed as soon as may be. */
  demandScan(): void;
  /** For a moment, every millisecond counts: a file is about to be truncated. */
  beAlert(): void;
  stop(): void;
}

export interface ScheduleOptions {
  readonly watch: DirectoryWatch;
  /** Looks for all files anew. */
  scan(): void;
  /** Looks at what has grown of late. @returns false when a scan is needed */
  lookAtHot(): boolean;
  /** Looks at these paths. @returns false when a scan is needed */
  lookAt(paths: ReadonlySet<string>): boolean;
  /** Looking failed, as when a directory is on a disk that does; it is tried again. */
  failed(error: unknown): void;
  /** Reads. @returns whether anything was read, and whether there is more to read at once */
  turn(): { readonly grew: boolean; readonly more: boolean };
}

/** Events are gathered, and busy files polled, for this long: what latency costs no more than. */
const tickMs = 10;
const alertMs = 1;
/** After so many looks with something new, each shortly after the one before, polling is cheaper. */
const busyAfter = 5;
const shortlyMs = 3 * tickMs;
const quietAfterMs = 30 * tickMs;
const idleScanMs = 2000;
const pollMs = 250;

/** How busy it is, and so how often to look. */
interface Pace {
  /** Whether files are polled in place of waiting for events. */
  busy(): boolean;
  /** Takes note of a look. @returns whether `busy` has changed */
  count(grew: boolean, now: number): boolean;
  /** How long after a scan that took `cost` the next one is due. */
  scanEvery(cost: number, watched: boolean, now: number): number;
  /** How long to wait for events until the next look, when no scan is due. */
  pollEvery(watched: boolean, now: number): number;
}

function createPace(): Pace {
  let busy = false;
  let lastGrowth = 0;
  let streak = 0;
  return {
    busy: () => busy,
    count(grew, now) {
      // One look without growth says nothing: a full output may have kept us from reading.
      const before = busy;
      const since = now - lastGrowth;
      if (grew) {
        lastGrowth = now;
        streak = since < shortlyMs ? streak + 1 : 1;
        if (streak >= busyAfter) busy = true;
      } else if (since >= quietAfterMs) busy = false;
      return busy !== before;
    },
    scanEvery(cost, watched, now) {
      if (busy) return Math.max(pollMs, cost * 20);
      const idle = now - lastGrowth > 30_000 ? 2.5 * idleScanMs : idleScanMs;
      if (watched) return Math.max(idle, cost * 200);
      return Math.max(now - lastGrowth < 10_000 ? pollMs : idleScanMs / 2, cost * 50);
    },
    pollEvery(watched, now) {
      if (busy) return tickMs;
      if (watched) return Number.POSITIVE_INFINITY;
      return now - lastGrowth < 1000 ? 2.5 * tickMs : pollMs;
    },
  };
}

/**
 * Idle, the kernel's events wake us, and a scan each two seconds finds what it did not report. Busy,
 * events (one for each write) would cost more than the lines: the watch is put down and the files
 * that grow are polled. Scans are spaced so that they never take more than a small part of the time.
 */
export function createSchedule(options: ScheduleOptions): Schedule {
  const { watch } = options;
  const pace = createPace();
  const scans = createScans(options, pace);
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  let stopped = true;
  let lastRun = 0;
  let alertUntil = 0;

  const waitFor = (now: number): number => {
    if (now < alertUntil) return alertMs;
    const next = Math.min(pace.pollEvery(watch.complete(), now), scans.dueIn(now));
    return Math.max(tickMs, next);
  };
  const run = () => {
    clearTimeout(timer);
    immediate = undefined;
    if (stopped) return;
    lastRun = performance.now();
    try {
      scans.look(lastRun);
    } catch (error) {
      options.failed(error);
    }
    const { grew, more } = options.turn();
    if (pace.count(grew, lastRun)) {
      if (pace.busy()) watch.pause();
      else watch.resume();
      scans.demand(); // for what happened before the watch was there again
    }
    const now = performance.now();
    if (more || scans.isPressing(now)) runSoon();
    else timer = setTimeout(run, waitFor(now));
  };
  const runSoon = () => {
    clearTimeout(timer);
    immediate ??= setImmediate(run);
  };
  return {
    start() {
      stopped = false;
      run();
    },
    hint(path) {
      if (stopped || !scans.hint(path) || immediate !== undefined) return;
      const since = performance.now() - lastRun;
      clearTimeout(timer);
      if (since >= tickMs) runSoon();
      else timer = setTimeout(run, tickMs - since);
    },
    wake() {
      if (!stopped) runSoon();
    },
    demandScan: scans.demand,
    beAlert() {
      alertUntil = performance.now() + 2000;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      clearImmediate(immediate);
    },
  };
}

/** Looks at as little as will do: at what grows, at what the kernel has named, or at everything. */
function createScans({ watch, scan, lookAtHot, lookAt }: ScheduleOptions, pace: Pace) {
  let demanded = true;
  let hints = new Set<string>();
  let scannedAt = Number.NEGATIVE_INFINITY;
  let cost = 0;

  const isAllowed = (now: number) => now - scannedAt >= cost * 5;
  const nextScan = (now: number) =>
    scannedAt + (demanded ? cost * 5 : pace.scanEvery(cost, watch.complete(), now) * jitter());
  const scanNow = () => {
    demanded = false;
    hints = new Set();
    const before = process.cpuUsage();
    scan();
    scannedAt = performance.now();
    const { user, system } = process.cpuUsage(before); // not the clock: others may have had the core
    cost = 0.7 * cost + (0.3 * (user + system)) / 1000; // and one slow scan is no measure
  };
  return {
    demand() {
      demanded = true;
    },
    isPressing: (now: number) => demanded && isAllowed(now),
    dueIn: (now: number) => (hints.size > 0 ? 0 : nextScan(now) - now),
    /** @returns whether it is the first one since the last look */
    hint(path: string): boolean {
      hints.add(path);
      return hints.size === 1;
    },
    look(now: number) {
      if ((demanded && isAllowed(now)) || now >= nextScan(now)) return scanNow();
      const named = hints;
      hints = new Set();
      const polling = pace.busy() || !watch.complete();
      const known = (!polling || lookAtHot()) && (named.size === 0 || lookAt(named));
      if (known) return;
      demanded = true;
      if (isAllowed(now)) scanNow();
    },
  };
}

/** So that many sidecars of one node do not scan in step. */
function jitter(): number {
  return 0.95 + Math.random() * 0.1;
}
