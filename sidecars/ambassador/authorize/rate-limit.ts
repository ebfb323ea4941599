/** What a taking from a bucket came to. */
export interface Taking {
  readonly allowed: boolean;
  /** Whole requests that are left at once. */
  readonly remaining: number;
  /** Seconds, rounded up: until one more is allowed, or until all are again. */
  readonly retryAfter: number;
  readonly reset: number;
}

export interface RateLimit {
  /** One more of the requests of `key`. */
  take(key: string): Taking;
}

export interface RateLimitOptions {
  /** Requests a second, on average. */
  readonly rate: number;
  /** Requests at once. */
  readonly burst: number;
  readonly now?: () => number;
}

interface Bucket {
  tokens: number;
  at: number;
}

const maxBuckets = 50_000;

/**
 * A token bucket for each key. Buckets that are full again say nothing and are forgotten; when there
 * are too many, the one that was used longest ago goes, which can only let a caller have more.
 */
export function createRateLimit({
  rate,
  burst,
  now = () => performance.now(),
}: RateLimitOptions): RateLimit {
  const buckets = new Map<string, Bucket>(); // in the order of their last use
  const forgetOldest = () => {
    const [oldest] = buckets.keys();
    if (oldest !== undefined) buckets.delete(oldest);
  };
  return {
    take(key) {
      const time = now();
      const bucket = buckets.get(key) ?? { tokens: burst, at: time };
      buckets.delete(key);
      if (buckets.size >= maxBuckets) forgetOldest();
      buckets.set(key, bucket);
      bucket.tokens = Math.min(burst, bucket.tokens + ((time - bucket.at) / 1000) * rate);
      bucket.at = time;
      const allowed = bucket.tokens >= 1;
      if (allowed) bucket.tokens -= 1;
      return {
        allowed,
        remaining: Math.floor(bucket.tokens),
        retryAfter: Math.max(1, Math.ceil((1 - bucket.tokens) / rate)),
        reset: Math.ceil((burst - bucket.tokens) / rate),
      };
    },
  };
}
