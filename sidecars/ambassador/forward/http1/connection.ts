import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describeError } from '../../../core/errors.ts';
import type { Failure, FailureReason } from '../failure.ts';
import {
  beginExchange,
  type ConnectionState,
  findOverdue,
  initialState,
  type Timeouts,
  trustedIdleMs,
} from './connection-state.ts';
import type { ResponseEvents } from './response-parser.ts';

export interface AnswerListener extends ResponseEvents {
  /** The connection takes more of the request's body. */
  drained(): void;
  /** Nothing more comes; called at most once, and never after `end`. */
  failed(failure: Failure): void;
}

/** One connection to the app, which carries one exchange at a time. */
export interface Connection {
  readonly socket: Socket;
  /** Sends the head of a request; `complete` when there is no body to come. */
  begin(request: OutgoingHead, listener: AnswerListener): void;
  /** @returns false when it is full: wait for `drained` */
  write(bytes: Uint8Array | string): boolean;
  /** The request has been sent whole. */
  complete(): void;
  pause(): void;
  resume(): void;
  /** Closes it at once; the listener hears nothing. */
  destroy(): void;
  /** Gives the socket of an upgraded exchange away; it is no longer this connection's. */
  detach(): Socket;
  /** Fails the exchange if it is overdue. */
  check(now: number): void;
  /** Until when it may lie idle; 0 while it is at work. */
  readonly idleUntil: number;
}

/**
 * A plain field in place of a getter: V8 would make a hidden class of each connection's own, and all
 * of them are looked at in the same places.
 */
interface OwnConnection extends Connection {
  idleUntil: number;
}

export interface OutgoingHead {
  readonly method: string;
  readonly head: string;
  readonly complete: boolean;
  readonly upgrade: boolean;
}

export interface ConnectionOptions {
  /** Opens the socket; `onBytes` is given memory that is used again after the call. */
  open(onBytes: (bytes: Buffer) => boolean): Socket;
  readonly timeouts: Timeouts;
  /** How long the app is trusted to keep an idle connection open, in milliseconds. */
  readonly keepAliveMs: number;
  /** It is free for another exchange. */
  released(connection: Connection): void;
  /** It is gone. */
  closed(connection: Connection): void;
}

export function createConnection(options: ConnectionOptions): Connection {
  const state = initialState(options.keepAliveMs);
  const { parser } = state;
  const events = observe(state, options.keepAliveMs);
  const onBytes = (bytes: Buffer) => receive(connection, state, options, bytes);
  const socket = options.open(onBytes);
  const connection: OwnConnection = {
    socket,
    idleUntil: 0,
    begin(request, listener) {
      connection.idleUntil = 0;
      beginExchange(state, request.complete);
      state.listener = listener;
      parser.begin(events, request);
      socket.write(request.head, 'latin1');
    },
    write(bytes) {
      state.activeAt = performance.now();
      return typeof bytes === 'string' ? socket.write(bytes, 'latin1') : socket.write(bytes);
    },
    complete() {
      state.sent = true;
      state.activeAt = performance.now();
      settle(connection, state, options);
    },
    pause() {
      state.paused = true;
      socket.pause();
    },
    resume() {
      state.paused = false;
      state.activeAt = performance.now();
      socket.resume();
    },
    destroy() {
      state.listener = undefined;
      socket.destroy();
    },
    detach() {
      socket.off('data', onBytes);
      for (const [name, listener] of listeners) socket.off(name, listener);
      options.closed(connection);
      return socket;
    },
    check(now) {
      if (state.listener === undefined) return;
      const overdue = findOverdue(state, options.timeouts, now);
      if (overdue !== undefined) fail(socket, state, overdue, `the app was too slow (${overdue})`);
    },
  };
  const listeners = Object.entries(createListeners(connection, state, options));
  for (const [name, listener] of listeners) socket.on(name, listener);
  return connection;
}

function createListeners(
  connection: OwnConnection,
  state: ConnectionState,
  options: ConnectionOptions,
) {
  const { socket } = connection;
  const broken = (message: string) =>
    fail(socket, state, state.connected ? 'reset' : 'connect', message);
  return {
    // Behind TLS an app is reached when it has proved who it is, not before.
    [socket instanceof TLSSocket ? 'secureConnect' : 'connect']() {
      state.connected = true;
      state.activeAt = performance.now();
    },
    drain() {
      state.activeAt = performance.now();
      state.listener?.drained();
    },
    end() {
      if (state.listener !== undefined && state.parser.finish()) {
        settle(connection, state, options);
      } else broken('the app closed the connection');
    },
    error: (error: Error) => broken(describeError(error)),
    close() {
      broken('the connection closed');
      options.closed(connection);
    },
  };
}

/** @returns whether to go on reading */
function receive(
  connection: OwnConnection,
  state: ConnectionState,
  options: ConnectionOptions,
  bytes: Buffer,
): boolean {
  if (state.listener === undefined) {
    connection.destroy(); // bytes that nobody asked for
    return false;
  }
  state.answering = true;
  state.activeAt = performance.now();
  try {
    const left = state.parser.feed(bytes);
    if (state.answered) {
      if (left > 0) state.persistent = false; // what follows belongs to no request
      settle(connection, state, options);
    }
  } catch (error) {
    fail(connection.socket, state, 'malformed', describeError(error));
  }
  return !state.paused;
}

function fail(
  socket: Socket,
  state: ConnectionState,
  reason: FailureReason,
  message: string,
): void {
  const { listener } = state;
  const stale = state.reused && !state.answering && reason === 'reset';
  state.listener = undefined;
  socket.destroy();
  listener?.failed({ reason, message, stale });
}

/** Only a connection on which nothing is under way, either way, may carry another exchange. */
function settle(
  connection: OwnConnection,
  state: ConnectionState,
  options: ConnectionOptions,
): void {
  if (!state.answered || !state.sent) return;
  if (state.persistent) {
    // Held back for a slow caller at the very end; an idle connection must hear its close.
    if (state.paused) connection.resume();
    connection.idleUntil = performance.now() + state.keepAliveMs;
    options.released(connection);
  } else connection.destroy();
}

/** Passes each answer's events on, and keeps what the connection must know of them. */
function observe(state: ConnectionState, keepAliveMs: number): ResponseEvents {
  return {
    informational: (head) => state.listener?.informational(head),
    head(head) {
      state.persistent = head.persistent;
      state.keepAliveMs = trustedIdleMs(head, keepAliveMs);
      state.listener?.head(head);
    },
    body: (bytes, last) => state.listener?.body(bytes, last),
    end(trailers) {
      const { listener } = state;
      state.answered = true;
      state.listener = undefined;
      listener?.end(trailers);
    },
    upgraded(head, rest) {
      const { listener } = state;
      state.listener = undefined;
      listener?.upgraded(head, rest);
    },
  };
}
