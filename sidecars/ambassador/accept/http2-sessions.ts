import type { Server } from 'node:http';
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';

export interface SessionLimits {
  /** Without a sign of the caller, in milliseconds. */
  readonly idle: number;
  /** Without a byte of an answer taken, in milliseconds. */
  readonly answerIdle: number;
}

/** The HTTP/2 connections of callers. */
export interface Sessions {
  /** Asks their callers to send no more, and ends them when what is under way is over. */
  close(): void;
  destroy(): void;
}

/** For the last word to go out. */
const graceMs = 500;

/**
 * Holds the HTTP/2 connections of a server to limits of their own: those of HTTP/1.1 know nothing of
 * them. What Node would do at the end of a quiet session, to wait for its caller to close, it does
 * for ever; and so it waits for a caller who takes nothing of an answer.
 */
export function keepSessions(server: Server, limits: () => SessionLimits): Sessions {
  const sessions = new Map<ServerHttp2Session, () => void>();
  server.on('session', (session: ServerHttp2Session) => {
    sessions.set(session, watch(session, limits()));
    session.once('close', () => sessions.delete(session));
  });
  return {
    close() {
      for (const close of sessions.values()) close();
    },
    destroy() {
      for (const session of sessions.keys()) session.destroy();
    },
  };
}

/** @returns what closes the session, after the streams that are under way */
function watch(session: ServerHttp2Session, { idle, answerIdle }: SessionLimits): () => void {
  let streams = 0;
  let quiet = false;
  // Not closed but destroyed: after a close Node would only end its side of the socket.
  const end = () => {
    session.goaway();
    setTimeout(() => session.destroy(), graceMs).unref();
  };
  session.setTimeout(idle);
  session.on('timeout', () => {
    if (session.destroyed) return;
    if (streams === 0) end();
    else quiet = true; // the timer is spent: it begins anew when the last stream is over
  });
  session.on('stream', (stream: ServerHttp2Stream) => {
    streams++;
    stream.once('close', () => {
      if (--streams > 0 || !quiet) return;
      quiet = false;
      session.setTimeout(idle);
    });
    stream.setTimeout(answerIdle);
    // A quiet stream with nothing to send is the app's to judge: it may be one of events.
    stream.on('timeout', () => {
      if (stream.writableLength > 0) stream.close(constants.NGHTTP2_CANCEL);
    });
  });
  return () => (streams === 0 ? end() : session.close());
}
