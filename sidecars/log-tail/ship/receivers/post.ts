import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { describeError, PodmatesError } from '../../../core/errors.ts';
import { createHttpClient, type HttpResponse } from '../../../core/http/client.ts';
import { placeOf } from '../../../core/http/place.ts';
import type { HttpTarget } from '../../../core/http/target.ts';
import { SendError } from '../sink.ts';

export interface PostOptions extends HttpTarget {
  readonly url: string;
  readonly compress: 'none' | 'gzip';
  readonly contentType: string;
  /** Headers that the protocol asks for; those of the config, under `headers`, go over them. */
  readonly protocolHeaders?: Readonly<Record<string, string>>;
}

export interface Poster {
  /** @throws SendError unless the answer is a 2xx */
  post(body: Buffer, signal: AbortSignal): Promise<HttpResponse>;
  close(): Promise<void>;
}

const maxAnswer = 16 * 1024 * 1024;

/** POSTs bodies to one URL, and makes of every failure whether trying again may help. */
export function createPoster(options: PostOptions): Poster {
  const { url, compress, contentType, protocolHeaders = {}, ...target } = options;
  const client = createHttpClient({ target, connections: 1 });
  const headers = {
    ...protocolHeaders,
    'content-type': contentType,
    ...(compress === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
    ...lowerCased(target.headers),
  };
  return {
    async post(body, signal) {
      const sent = compress === 'gzip' ? await promisify(gzip)(body, { level: 1 }) : body;
      const request = {
        url,
        method: 'POST',
        headers,
        body: sent,
        maxBytes: maxAnswer,
        signal,
      } as const;
      const response = await client.request(request).catch((error: unknown) => {
        throw connectionError(error);
      });
      if (response.status >= 200 && response.status < 300) return response;
      throw statusError(url, response);
    },
    close: () => client.close(),
  };
}

/** A header of the config is to replace one of ours however its name is written. */
function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return Object.fromEntries(entries);
}

function connectionError(error: unknown): SendError {
  const timedOut = error instanceof PodmatesError && error.code === 'ERR_TIMEOUT';
  const options = { reason: timedOut ? 'timeout' : 'connect', retryable: true } as const;
  return new SendError(describeError(error), { ...options, cause: error });
}

/**
 * A 4xx says that this very body is not wanted, but for those that speak of the moment (408, 425,
 * 429) or of what an administrator can mend without us (401, 403, 404): those are tried again, for
 * a wrong token must not cost a line.
 */
export function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && ![401, 403, 404, 408, 425, 429].includes(status);
}

function statusError(url: string, { status, headers, body }: HttpResponse): SendError {
  const said = body.toString('utf8', 0, 300).trim();
  const retryable = !isRefusal(status);
  return new SendError(`${placeOf(url)} answered ${status}${said && `: ${said}`}`, {
    reason: retryable ? 'status' : 'refused',
    retryable,
    tooLarge: status === 413, // RFC 9110 section 15.5.14
    retryAfterMs: readRetryAfter(headers['retry-after']),
  });
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
function readRetryAfter(value: string | string[] | undefined): number | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
