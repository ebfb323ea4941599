import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';

/** What HTTP/2 is held to; Node bounds resets and control frames by itself. */
export const http2Settings = { maxConcurrentStreams: 128, enablePush: false } as const;

/**
 * Gives an HTTP/2 request the face of an HTTP/1.1 one, so that it is judged and forwarded by the
 * very same code: pseudo headers become request line and `Host`, cookie crumbs one line
 * (RFC 9113 section 8.2.3), and a body without a length one that is chunked.
 */
export function adaptRequest(request: Http2ServerRequest): IncomingMessage {
  const { stream, headers } = request;
  const authority = request.authority || undefined;
  const rawHeaders = readFields(request.rawHeaders, authority);
  const bodyless = stream.endAfterHeaders || headers['content-length'] !== undefined;
  const adapted = {
    rawHeaders,
    headers: {
      ...headers,
      host: authority ?? headers.host,
      ...(bodyless ? {} : { 'transfer-encoding': 'chunked' }),
    },
    httpVersionMinor: 1,
  };
  for (const [name, value] of Object.entries(adapted)) {
    Object.defineProperty(request, name, { value });
  }
  // Node ends the body of a stream that was reset as if it were whole.
  Object.defineProperty(request, 'complete', {
    get: () => !stream.aborted && stream.rstCode === constants.NGHTTP2_NO_ERROR,
  });
  return request as unknown as IncomingMessage;
}

function readFields(raw: readonly string[], authority: string | undefined): string[] {
  const fields: string[] = authority === undefined ? [] : ['Host', authority];
  let cookie: string | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    if (name.startsWith(':')) continue;
    if (name === 'cookie') cookie = cookie === undefined ? value : `${cookie}; ${value}`;
    // The same host said in both ways is said once (RFC 9113 section 8.3.1).
    else if (name !== 'host' || value !== authority) fields.push(name, value);
  }
  if (cookie !== undefined) fields.push('cookie', cookie);
  return fields;
}

/** Gives an HTTP/2 response what an HTTP/1.1 one has beyond it. */
export function adaptResponse(response: Http2ServerResponse): ServerResponse {
  const { stream } = response;
  // Whoever was answered before the end of its body is told to send no more of it (RFC 9113 section
  // 8.1): else the stream would stay half open, and its connection with it.
  if (!stream.endAfterHeaders) {
    stream.once('finish', () => stream.readableEnded || stream.close(constants.NGHTTP2_NO_ERROR));
  }
  const writeHead = response.writeHead.bind(response);
  const addTrailers = response.addTrailers.bind(response);
  Object.defineProperties(response, {
    destroyed: { get: () => stream.destroyed || stream.closed },
    // A stream that is merely closed would look like an answer that is whole.
    destroy: { value: () => stream.close(constants.NGHTTP2_INTERNAL_ERROR) },
    shouldKeepAlive: { value: true, writable: true },
    // Not sent before there is something behind it, so that a head alone can end the stream, as in
    // gRPC's errors. There is no reason phrase any more (RFC 9113 section 8.3.2).
    writeHead: {
      value(status: number, _reason?: string, fields?: readonly string[]) {
        if (fields === undefined) return writeHead(status); // Node's own call, at the first byte
        response.statusCode = status;
        for (let i = 0; i < fields.length; i += 2) {
          response.appendHeader(fields[i] ?? '', fields[i + 1] ?? '');
        }
        return response;
      },
    },
    addTrailers: {
      value: (pairs: readonly (readonly [string, string])[]) =>
        addTrailers(Object.fromEntries(pairs)),
    },
  });
  return response as unknown as ServerResponse;
}
