import type { FailureReason } from '../failure.ts';
import type { AnswerListener } from './connection.ts';
import type { ResponseHead } from './response-head.ts';
import { createResponseParser, type ResponseParser } from './response-parser.ts';

export interface Timeouts {
  readonly connect: number;
  /** From the last byte of the request to the first of the answer. */
  readonly firstByte: number;
  /** Without a byte either way. */
  readonly idle: number;
  /** From beginning to end. */
  readonly whole?: number | undefined;
}

/** What a connection knows of itself and of the exchange under way. */
export interface ConnectionState {
  readonly parser: ResponseParser;
  listener: AnswerListener | undefined;
  connected: boolean;
  reused: boolean;
  answering: boolean;
  answered: boolean;
  sent: boolean;
  persistent: boolean;
  paused: boolean;
  startedAt: number;
  activeAt: number;
  keepAliveMs: number;
}

export function initialState(keepAliveMs: number): ConnectionState {
  return {
    parser: createResponseParser(),
    listener: undefined,
    connected: false,
    reused: false,
    answering: false,
    answered: true,
    sent: true,
    persistent: true,
    paused: false,
    startedAt: 0,
    activeAt: 0,
    keepAliveMs,
  };
}

export function beginExchange(state: ConnectionState, sent: boolean): void {
  state.reused = state.startedAt !== 0;
  state.answering = false;
  state.answered = false;
  state.sent = sent;
  state.paused = false;
  state.startedAt = performance.now();
  state.activeAt = state.startedAt;
}

/** A second less than the app announces, so that it is never the first to close. */
export function trustedIdleMs({ keepAliveSeconds }: ResponseHead, ownMs: number): number {
  if (keepAliveSeconds === undefined) return ownMs;
  return Math.max(0, Math.min(ownMs, (keepAliveSeconds - 1) * 1000));
}

/** Which of the timeouts the exchange under way has passed. */
export function findOverdue(
  state: ConnectionState,
  timeouts: Timeouts,
  now: number,
): FailureReason | undefined {
  if (timeouts.whole !== undefined && now - state.startedAt > timeouts.whole) {
    return 'whole_timeout';
  }
  const quiet = now - state.activeAt;
  if (!state.connected) return quiet > timeouts.connect ? 'connect_timeout' : undefined;
  if (state.sent && !state.answering) {
    return quiet > timeouts.firstByte ? 'first_byte_timeout' : undefined;
  }
  return quiet > timeouts.idle ? 'idle_timeout' : undefined;
}
