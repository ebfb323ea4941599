import type { IncomingMessage } from 'node:http';
import { plainAddress } from '../../core/address.ts';
import type { CheckedRequest } from '../accept/request-check.ts';
import type { Identity } from '../identity.ts';
import type { Policy, Route } from '../policy/policy.ts';
import type { Trace } from './trace.ts';

/** One request on its way through the ambassador; filled in as more becomes known of it. */
export interface Visit {
  readonly request: IncomingMessage;
  /** What it is judged by, to its end, whatever is reloaded meanwhile. */
  readonly policy: Policy;
  /** The other end of the connection. */
  readonly peer: string;
  readonly proto: 'http' | 'https';
  readonly startedAt: number;
  readonly trace: Trace;
  /** The caller, by the trusted-proxy rules. */
  address: string;
  checked: CheckedRequest | undefined;
  route: Route | undefined;
  identity: Identity | undefined;
  /** Fields for the answer, whatever it is; names and values in turn. */
  answerFields: readonly string[];
  /** Gives back its place within the limits. */
  release: (() => void) | undefined;
}

/** A visit that was let in. */
export interface AdmittedVisit extends Visit {
  checked: CheckedRequest;
  route: Route;
}

const nothing: readonly string[] = [];

export function openVisit(request: IncomingMessage, policy: Policy, trace: Trace): Visit {
  const { socket } = request;
  const peer = plainAddress(socket.remoteAddress ?? '');
  return {
    request,
    policy,
    peer,
    proto: Reflect.get(socket, 'encrypted') === true ? 'https' : 'http',
    startedAt: performance.now(),
    address: peer,
    checked: undefined,
    route: undefined,
    identity: undefined,
    answerFields: nothing,
    release: undefined,
    trace,
  };
}

/** A header of which one value is enough to know. */
export function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
