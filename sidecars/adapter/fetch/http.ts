import { describeError, PodmatesError } from '../../core/errors.ts';
import { createHttpClient, type HttpResponse } from '../../core/http/client.ts';
import type { HttpTarget } from '../../core/http/target.ts';
import { type Body, type FailureReason, type Fetch, SourceError } from './body.ts';
import { decodeBody } from './decode.ts';
import type { FetchOptions } from './schema.ts';

export interface HttpFetch {
  readonly fetch: Fetch;
  close(): Promise<void>;
}

export interface HttpFetchOptions extends FetchOptions {
  readonly url: string;
  readonly lookup?: HttpTarget['lookup'];
}

/** Fetches a document over HTTP, HTTPS or a Unix socket, on connections that stay open. */
export function createHttpFetch(options: HttpFetchOptions): HttpFetch {
  const { maxBody, method, body } = options;
  const client = createHttpClient({ target: options, connections: 1 });
  const url = addQuery(options.url, options.query);
  const says = Object.keys(options.headers).some((name) => name.toLowerCase() === 'accept');
  const headers: Record<string, string> = says ? {} : { accept: accepts[options.format] };
  const exchange = (at: string, signal: AbortSignal) =>
    client.request({
      url: at,
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      maxBytes: maxBody,
      signal,
    });
  const ask = async (signal: AbortSignal): Promise<Body> => {
    let at: string | undefined = url;
    let response = await exchange(at, signal);
    for (let left = options.followRedirects ? maxRedirects : 0; left > 0; left--) {
      at = redirectOf(response, at);
      if (at === undefined) break;
      response = await exchange(at, signal);
    }
    if (!options.validStatus.includes(response.status)) {
      throw new SourceError('status', describeStatus(response.status, response.headers));
    }
    const { 'content-encoding': coding, 'content-type': type } = response.headers;
    const absent = response.status === 404 && response.body.length === 0;
    return {
      // "There is no such thing", where that is a valid answer, is a document without anything in it.
      bytes: absent
        ? Buffer.from('null')
        : await decodeBody(response.body, coding?.toString(), maxBody),
      contentType: type?.toString(),
    };
  };
  return {
    fetch: (signal) =>
      ask(signal).catch((error: unknown) => {
        throw toSourceError(error, signal);
      }),
    close: client.close,
  };
}

const maxRedirects = 5;

/**
 * Where an answer leads, if that is the same server: RFC 9110 section 15.4. Nobody else is shown our
 * credentials, and a document from somewhere else would not be this app's.
 */
function redirectOf({ status, headers }: HttpResponse, from: string): string | undefined {
  const location = headers['location']?.toString();
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  if (!URL.canParse(location, from)) return undefined;
  const to = new URL(location, from);
  const { origin } = new URL(from);
  return to.origin === origin ? to.href : undefined;
}

/** What an answer that is no document says, and what can be done. */
function describeStatus(status: number, { location }: HttpResponse['headers']): string {
  const answered = `answered ${status}`;
  if (status === 401 || status === 403) return `${answered}; who asks is said with auth:`;
  if (location === undefined || status < 300 || status > 399) return answered;
  const place = location.toString().replace(/[?#].*$/s, ''); // what is behind it may be a secret
  return `${answered}, which is not followed; the url may have to be ${place}`;
}

const accepts: Readonly<Record<FetchOptions['format'], string>> = {
  json: 'application/json, */*;q=0.5',
  ndjson: 'application/x-ndjson, application/json;q=0.9, */*;q=0.5',
  prometheus:
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.5,*/*;q=0.1',
};

function addQuery(text: string, query: Readonly<Record<string, string>>): string {
  const url = new URL(text);
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, value);
  return url.href;
}

const reasons: Readonly<Partial<Record<string, FailureReason>>> = {
  ERR_TIMEOUT: 'timeout',
  ERR_TOO_LARGE: 'too_large',
  ERR_SECRET: 'secret',
  ERR_HTTP: 'connect',
};

function toSourceError(error: unknown, signal: AbortSignal): SourceError {
  if (error instanceof SourceError) return error;
  if (signal.aborted && signal.reason instanceof SourceError) return signal.reason;
  const reason = error instanceof PodmatesError ? (reasons[error.code] ?? 'connect') : 'connect';
  const mend = reason === 'too_large' ? '; maxBody is the limit' : '';
  return new SourceError(reason, describeError(error) + mend, { cause: error });
}
