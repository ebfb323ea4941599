import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Refusal } from '../refusal.ts';

const maxDiscarded = 262_144;
const maxDiscardMs = 2000;

/** Answers a request that does not go through. Nothing of the reason is told beyond the status. */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers = [] }: Pick<Refusal, 'status' | 'headers'>,
): void {
  if (response.headersSent || response.destroyed) return;
  const title = STATUS_CODES[status] ?? 'Refused';
  const body = `${JSON.stringify({ status, title })}\n`;
  const bodyPending = hasBody(request) && !request.readableEnded;
  if (bodyPending) response.shouldKeepAlive = false;
  response.writeHead(status, title, [
    ...['Content-Type', 'application/problem+json', 'Content-Length', String(body.length)],
    ...['Cache-Control', 'no-store', ...headers],
  ]);
  if (request.method !== 'HEAD') response.write(body, 'latin1');
  // Who waits for a 100 has sent nothing that must be read first.
  if (bodyPending && request.headers.expect === undefined) endEarly(request, response);
  else response.end();
}

function hasBody({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined) return true;
  return (headers['content-length'] ?? '0') !== '0';
}

/**
 * Ends an answer while the caller still sends: its connection is closed, but a close with unread
 * bytes makes the kernel throw the answer away, so a little of what comes is read first.
 */
export function endEarly(request: IncomingMessage, response: ServerResponse): void {
  let discarded = 0;
  const finish = () => {
    clearTimeout(timer);
    request.off('data', discard);
    request.off('end', finish);
    request.off('close', finish);
    if (!response.writableEnded) response.end();
  };
  const discard = (bytes: Buffer) => {
    discarded += bytes.length;
    if (discarded > maxDiscarded) finish();
  };
  const timer = setTimeout(finish, maxDiscardMs);
  request.on('data', discard);
  request.on('end', finish);
  request.on('close', finish);
  request.resume();
}
