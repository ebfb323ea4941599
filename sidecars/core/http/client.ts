import { statSync } from 'node:fs';
import type { Agent, Dispatcher } from 'undici';
import { describeError, PodmatesError } from '../errors.ts';
import { openDeadline } from '../lifecycle.ts';
import { createCredentialHeaders } from './credentials.ts';
import { placeOf } from './place.ts';
import type { HttpTarget, TlsOptions } from './target.ts';
import { readTls } from './tls.ts';

export interface HttpRequest {
  readonly url: string;
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Names in lower case; they win over the target's. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** A longer answer is given up while it is read, with ERR_TOO_LARGE; bytes. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As it came over the wire: still compressed when `content-encoding` says so. */
  readonly body: Buffer;
}

export interface HttpClient {
  /**
   * One exchange, whatever its status. Redirects are answers like any other: not followed.
   * @throws PodmatesError ERR_HTTP, ERR_TIMEOUT, ERR_TOO_LARGE or ERR_SECRET
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

export interface HttpClientOptions {
  readonly target: HttpTarget;
  /** Connections kept open to one server. */
  readonly connections?: number;
}

/** A keep-alive HTTP/1.1 client for one configured target: its TLS, credentials, timeout, socket. */
export function createHttpClient({ target, connections = 4 }: HttpClientOptions): HttpClient {
  let options = agentOptions(target, connections); // what cannot be read is said at the start
  let agent: Promise<Agent> | undefined;
  let stamp = tlsStamp(target.tls);
  const shared = toLowerCase(target.headers);

  const closeAgent = async () => (await agent)?.close();
  const currentAgent = async () => {
    const now = tlsStamp(target.tls);
    if (now !== stamp) {
      options = agentOptions(target, connections);
      void closeAgent();
      agent = undefined;
      stamp = now;
    }
    agent ??= openAgent(options);
    return agent;
  };
  const exchange = async (request: HttpRequest): Promise<HttpResponse> => {
    const open = await currentAgent().catch((error: unknown) => {
      throw toPodmatesError(error, request.url, undefined);
    });
    const deadline = openDeadline(target.timeout, request.signal);
    try {
      const response = await open.request({
        ...splitUrl(request.url),
        method: request.method ?? 'GET',
        headers: { ...shared, ...request.headers },
        body: request.body ?? null,
        signal: deadline.signal,
      });
      const body = await readBody(response.body, request.maxBytes);
      return { status: response.statusCode, headers: response.headers, body };
    } catch (error) {
      const timedOut = deadline.expired() ? target.timeout : undefined;
      throw toPodmatesError(error, request.url, timedOut);
    } finally {
      deadline.close();
    }
  };
  // A token endpoint is another server: it is told nothing that is meant for this one.
  const { tls, lookup, timeout } = target;
  const endpoint =
    target.auth !== undefined && 'oauth2' in target.auth
      ? createHttpClient({ target: { tls, lookup, timeout, headers: {} }, connections: 1 })
      : undefined;
  const credentials = createCredentialHeaders(target.auth, endpoint?.request ?? exchange);
  return {
    async request(request) {
      const sent = {
        ...request,
        headers: { ...request.headers, ...(await credentials.headers()) },
      };
      const response = await exchange(sent);
      if (response.status !== 401 || !credentials.renew()) return response;
      return exchange({
        ...request,
        headers: { ...request.headers, ...(await credentials.headers()) },
      });
    },
    close: async () => {
      await Promise.all([closeAgent(), endpoint?.close()]);
    },
  };
}

/** A header is the same however it is written, and must not be sent twice. */
function toLowerCase(headers: HttpTarget['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]),
  );
}

/**
 * undici is loaded for the first request: a container that makes none is 25 MB smaller. As a CommonJS
 * package it is asked for by its default export, the only one that a bundle keeps.
 */
async function openAgent(options: Agent.Options): Promise<Agent> {
  const { default: undici } = await import('undici');
  return new undici.Agent(options);
}

function agentOptions(
  { tls, socket, timeout, lookup }: HttpTarget,
  connections: number,
): Agent.Options {
  return {
    connections,
    allowH2: false,
    headersTimeout: 0, // the exchange as a whole is bounded
    bodyTimeout: 0,
    connect: {
      timeout,
      ...(socket === undefined ? {} : { socketPath: socket }),
      ...(lookup === undefined ? {} : { lookup }),
      ...readTls(tls),
    },
  };
}

function splitUrl(text: string): { origin: string; path: string } {
  const { origin, pathname, search } = new URL(text);
  return { origin, path: pathname + search };
}

function tlsStamp(tls: TlsOptions | undefined): string {
  const files = [tls?.ca, tls?.cert, tls?.key].filter((file) => file !== undefined);
  return files
    .map((file) => statSync(file, { throwIfNoEntry: false }))
    .map((stats) => `${stats?.ino}:${stats?.mtimeMs}`)
    .join(' ');
}

async function readBody(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new PodmatesError('ERR_TOO_LARGE', `the answer is longer than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, length);
}

function toPodmatesError(
  error: unknown,
  url: string,
  timedOutMs: number | undefined,
): PodmatesError {
  if (error instanceof PodmatesError) return error;
  const place = placeOf(url);
  if (timedOutMs !== undefined) {
    const reason = `${place} did not answer in ${timedOutMs} ms`;
    return new PodmatesError('ERR_TIMEOUT', reason); // its cause would say the same again
  }
  return new PodmatesError('ERR_HTTP', `${place}: ${describeFailure(error)}`, {
    cause: error,
  });
}

/** The text of an error; of one of OpenSSL's, which names its own source code too, only the reason. */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error && 'library' in error && 'reason' in error)) {
    return describeError(error);
  }
  const noTls = 'code' in error && error.code === 'ERR_SSL_WRONG_VERSION_NUMBER';
  return `TLS: ${error.reason}${noTls ? '; does the server speak http:// there?' : ''}`;
}
