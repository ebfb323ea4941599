import { PodmatesError } from '../../core/errors.ts';
import { createHttpClient } from '../../core/http/client.ts';
import type { PushOptions } from './push-schema.ts';

/** Where pages go beside `/metrics`. */
export interface Output {
  readonly name: 'push' | 'textfile';
  readonly intervalMs: number;
  /** Where to, for people. */
  readonly place: string;
  /** Rejects when the page did not arrive. */
  send(page: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A page that will never be taken, however often it is sent. */
export class RefusedPageError extends PodmatesError {}

/**
 * Pushes pages to a Pushgateway; each replaces all that was pushed under its grouping key before.
 * https://github.com/prometheus/pushgateway#put-method
 */
export function createPushOutput(options: PushOptions): Output {
  const client = createHttpClient({ target: options, connections: 1 });
  const url = pushUrl(options);
  return {
    name: 'push',
    intervalMs: options.interval,
    place: url,
    async send(page, signal) {
      const { status, body } = await client.request({
        url,
        method: 'PUT',
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
        body: page,
        maxBytes: 65_536,
        signal,
      });
      if (status >= 200 && status < 300) return;
      const reason = `${url} answered ${status}: ${body.toString('utf8', 0, 500).trim()}`;
      if (status === 400) throw new RefusedPageError('ERR_HTTP', reason);
      throw new PodmatesError('ERR_HTTP', reason);
    },
    close: client.close,
  };
}

/** The address of a group: `/metrics/job/NAME/LABEL/VALUE`, in base64 where a value needs it. */
export function pushUrl({
  url,
  job,
  grouping,
}: Pick<PushOptions, 'url' | 'job' | 'grouping'>): string {
  const pairs = [['job', job] as const, ...Object.entries(grouping)];
  const path = pairs.map(([name, value]) => {
    if (value !== '' && !value.includes('/')) return `${name}/${encodeURIComponent(value)}`;
    // An empty value is a lone "=", for an empty path segment would vanish.
    return `${name}@base64/${Buffer.from(value).toString('base64url') || '='}`;
  });
  return `${url.replace(/\/+$/, '')}/metrics/${path.join('/')}`;
}
