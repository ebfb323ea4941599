import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { refuse } from '../accept/refuse.ts';
import { statusOf } from '../forward/failure.ts';
import { closeCodes } from '../forward/websocket/frames.ts';
import { hangUp } from '../forward/websocket/hang-up.ts';
import { type Joined, join } from '../forward/websocket/join.ts';
import { carryUpgrade } from '../forward/websocket/upgrade.ts';
import type { AmbassadorMetrics } from '../metrics.ts';
import type { Refusal } from '../refusal.ts';
import { type Ending, endingOfFailure } from './ending.ts';
import { writeOnwardHead } from './onward.ts';
import { type AdmittedVisit, headerOf, type Visit } from './visit.ts';
import { watchCredential } from './watch-credential.ts';

export interface UpgradesOptions {
  readonly metrics: AmbassadorMetrics;
  turnAway(visit: Visit, response: ServerResponse, refusal: Refusal): void;
  finish(visit: Visit, ending: Ending): void;
  /** Judges a visit again by the policy in force now; undefined while it may stay. */
  reconsider(visit: AdmittedVisit): Promise<Refusal | undefined>;
}

/** A caller that wants to go on in another protocol. */
export interface UpgradeCaller {
  /** For refusals: written to the same socket. */
  readonly response: ServerResponse;
  readonly socket: Duplex;
  /** What it sent behind its head, without waiting for the answer. */
  readonly rest: Buffer;
}

export interface Upgrades {
  admit(visit: AdmittedVisit, caller: UpgradeCaller): void;
  goAway(): void;
  readonly open: number;
}

/** The upgraded connections: opened after the same decision as any request, and kept count of. */
export function createUpgrades(options: UpgradesOptions): Upgrades {
  const { metrics, turnAway, finish, reconsider } = options;
  const open = new Set<Joined>();

  const connect = (visit: AdmittedVisit, { response, socket }: UpgradeCaller) => {
    const { pool } = visit.route.upstream;
    const head = writeOnwardHead(visit, 'websocket');
    response.detachSocket(socket as Socket);
    carryUpgrade(pool, { caller: socket, head, protocol: 'websocket' }, (outcome) => {
      switch (outcome.kind) {
        case 'aborted':
          return finish(visit, { status: 499, decision: 'allowed', reason: 'caller_gone' });
        case 'refused':
          return finish(visit, { status: outcome.status, decision: 'allowed' });
        case 'failed': {
          const { reason } = outcome.failure;
          metrics.upstreamFailed(reason);
          response.assignSocket(socket as Socket);
          refuse(visit.request, response, { status: statusOf(reason) });
          return finish(visit, endingOfFailure(outcome.failure, statusOf(reason)));
        }
        case 'upgraded':
          keep(visit, (done) => join(socket, outcome.app, outcome.rest, done));
      }
    });
  };
  const keep = (visit: AdmittedVisit, begin: (done: () => void) => Joined) => {
    const joined = begin(() => {
      watch.stop();
      open.delete(joined);
      metrics.websockets.set(open.size);
      finish(visit, { status: 101, decision: 'allowed' });
    });
    const watch = watchCredential(visit, { reconsider, onEnd: (why) => close(joined, why) });
    open.add(joined);
    metrics.websockets.set(open.size);
  };
  const close = (joined: Joined, why: 'expired' | 'revoked') => {
    metrics.websocketClosed(why);
    joined.close(closeCodes.policyViolation);
  };
  return {
    get open() {
      return open.size;
    },
    goAway() {
      for (const joined of open) {
        metrics.websocketClosed('drained');
        joined.close(closeCodes.goingAway);
      }
    },
    admit(visit, caller) {
      const refusal = checkUpgrade(visit, caller.rest);
      if (refusal === undefined) connect(visit, caller);
      else turnAway(visit, caller.response, refusal);
    },
  };
}

/** RFC 6455 section 4.2.1 as far as it is ours, and section 10.2: pages of other origins. */
export function checkUpgrade(
  { request, route, checked }: AdmittedVisit,
  rest: Buffer,
): Refusal | undefined {
  if (headerOf(request, 'upgrade')?.toLowerCase() !== 'websocket' || checked.method !== 'GET') {
    return { status: 400, reason: 'upgrade_not_allowed', detail: 'not a WebSocket' };
  }
  if (route.websocket === undefined) return { status: 403, reason: 'upgrade_not_allowed' };
  if (rest.length > 0 || (checked.body ?? '0') !== '0') {
    return { status: 400, reason: 'malformed_request', detail: 'bytes before the upgrade' };
  }
  const origin = headerOf(request, 'origin');
  if (origin === undefined) return undefined; // no browser: no page can be behind it
  const { origins } = route.websocket;
  const allowed =
    origins === undefined
      ? URL.canParse(origin) && new URL(origin).host === checked.host
      : origins.includes('*') || origins.includes(origin.toLowerCase());
  return allowed ? undefined : { status: 403, reason: 'origin_not_allowed' };
}

/** A response for a request that Node gives none for. */
export function responseFor(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.on('finish', () => hangUp(socket));
  socket.on('error', () => socket.destroy());
  // Node's server has let go of the connection, and with that of its bound for slow readers.
  socket.on('timeout', () => socket.writableLength > 0 && socket.destroy());
  return response;
}
