/** Words of things that happen, and therefore only ever add up. */
const events = new Set(
  `requests request req reqs responses errors error err errs failures failure failed fails hits misses
  evictions evicted expired retries retried messages msgs msg sent received recv rcvd delivered
  redelivered acked acknowledged published publishes consumed produced processed completed finished
  succeeded success handled accepted rejected denied refused dropped discarded aborted cancelled
  canceled timeouts timedout restarts reconnects disconnects logins logouts queries selects inserts
  updates deletes commits rollbacks reads read writes written writes ops operations calls invocations
  executions lookups transactions packets frames events created closed opened destroyed started
  stopped served scanned flushed flushes merges splits gcs collections cycles interrupts
  violations mallocs frees allocs matched fetched transferred downloaded uploaded saves saved
  done visits views clicks signups orders payments exceptions crashes panics warnings slow in out in_bytes
  connects redirects resets retransmits notifications`.split(/\s+/),
);

/** Words of what is true right now; one of them outweighs every word of events. */
const states = new Set(
  `current active open idle used free available limit max min maximum minimum avg average mean median
  size length depth pending queued inflight flight running waiting capacity ratio rate per load
  temperature uptime age threads workers goroutines p50 p75 p90 p95 p99 p999 stddev stdev lag
  remaining configured port pid weight priority version threshold interval timeout backlog level
  ready healthy unhealthy alive up down enabled usage utilization buffered outstanding blocked busy
  online offline last latest next oldest newest now timestamp position offset width height
  score slots shards replicas peers nodes members clients consumers subscribers users sessions
  processes procs routes queues channels topics partitions streams fds handles concurrency percentile quota`.split(
    /\s+/,
  ),
);

const amounts = new Set('count total num number sum n counter'.split(' '));

/** Things of which the total is a size and not a sum of events: `memory.total`, `disk_total`. */
const holders = new Set(
  'memory mem heap swap disk fs filesystem storage space ram volume capacity pages slots fd proc cpu cores details'.split(
    ' ',
  ),
);

/** Words of what is done, of which a bare `total` or `count` below them counts how often. */
const deeds = new Set(
  'refresh flush merge get put post delete query fetch index insert update commit rollback request search'.split(
    ' ',
  ),
);

/** What the numbers under one path did from sample to sample. */
export interface Movement {
  readonly rises: number;
  readonly falls: number;
  readonly fractional: boolean;
  readonly negative: boolean;
}

export interface Verdict {
  readonly type: 'counter' | 'gauge';
  readonly why: string;
}

/**
 * Counter or gauge? By the words of the field and of what holds it, and by what the number did.
 * A wrong gauge costs a `rate()` that still works; a wrong counter misleads: doubt makes a gauge.
 */
export function judge(
  own: readonly string[],
  parents: readonly string[],
  movement: Movement,
): Verdict {
  if (movement.falls > 0) return { type: 'gauge', why: 'it fell between samples' };
  if (movement.negative) return { type: 'gauge', why: 'it can be negative' };
  const byName = judgeWords(own, parents);
  if (byName !== undefined) return byName;
  // Memory in use grows as steadily as any counter; only what nothing contradicts is believed.
  if (movement.rises >= 2 && !movement.fractional) {
    return { type: 'counter', why: 'it rose in every sample' };
  }
  return { type: 'gauge', why: 'nothing says that it only rises' };
}

function judgeWords(own: readonly string[], parents: readonly string[]): Verdict | undefined {
  const bare = own.filter((word) => !amounts.has(word));
  const last = bare.at(-1) ?? '';
  const state = bare.find((word) => states.has(word));
  // `last_error` is the last, `errors_last_minute` a window: words of state win wherever they stand.
  if (state !== undefined) return { type: 'gauge', why: `"${state}" is a state` };
  if (bare.some((word) => events.has(word))) {
    return { type: 'counter', why: `"${bare.find((word) => events.has(word))}" are events` };
  }
  const near = bare.length === 0 ? parents.slice(-2) : [];
  if (near.some((word) => states.has(word) || holders.has(word))) {
    return { type: 'gauge', why: `"${near.join('_')}" is a state` };
  }
  if (near.some((word) => events.has(word) || deeds.has(near.at(-1) ?? ''))) {
    return { type: 'counter', why: `"${near.join('_')}" are events` };
  }
  if (own.includes('total') && own.some((word) => word === 'time' || word === 'pause')) {
    return { type: 'counter', why: 'a total of time spent' };
  }
  if (own.includes('time')) return { type: 'gauge', why: 'one span of time' };
  if ((own[0] === 'total' || own.at(-1) === 'total') && own.length > 1 && !holders.has(last)) {
    return { type: 'counter', why: 'a total of things that happened' };
  }
  return own.some((word) => holders.has(word))
    ? { type: 'gauge', why: 'an amount of something held' }
    : undefined;
}
