import type { Duplex } from 'node:stream';
import { allAtWork, type Failure } from '../failure.ts';
import { filterAnswerFields } from '../fields/field-rules.ts';
import type { AnswerListener, Connection } from '../http1/connection.ts';
import type { Pool } from '../http1/pool.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import { hangUp } from './hang-up.ts';

export interface UpgradePassage {
  /** The caller's connection; nothing has been read from it behind the head. */
  readonly caller: Duplex;
  /** As `writeRequestHead` made it, with `Upgrade`. */
  readonly head: string;
  readonly protocol: string;
}

export type UpgradeOutcome =
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'aborted' }
  /** The app answered something else than 101; it has been passed on. */
  | { readonly kind: 'refused'; readonly status: number }
  /** From now on the two speak with each other. */
  | { readonly kind: 'upgraded'; readonly app: Duplex; readonly rest: Buffer };

/**
 * Asks the app to go on in another protocol. Not a byte of the caller's is read before the app's
 * 101, so what it sends too early can never pass for a request.
 */
export function carryUpgrade(
  pool: Pool,
  passage: UpgradePassage,
  done: (outcome: UpgradeOutcome) => void,
): void {
  const connection = pool.takeForUpgrade();
  if (connection === undefined) done({ kind: 'failed', failure: allAtWork });
  else askForUpgrade(connection, passage, done);
}

function askForUpgrade(
  taken: Connection,
  { caller, head, protocol }: UpgradePassage,
  done: (outcome: UpgradeOutcome) => void,
): void {
  let answered: ResponseHead | undefined;
  let settled = false;
  const settle = (outcome: UpgradeOutcome) => {
    if (settled) return;
    settled = true;
    caller.off('close', onClose);
    caller.off('drain', onDrain);
    done(outcome);
  };
  const onDrain = () => taken.resume();
  const onClose = () => {
    taken.destroy();
    settle({ kind: 'aborted' });
  };
  const listener: AnswerListener = {
    informational() {},
    head(got) {
      answered = got;
      caller.write(writeAnswer(got, ['Connection: close']), 'latin1');
    },
    body(bytes) {
      if (!caller.write(Buffer.from(bytes))) taken.pause();
    },
    end() {
      taken.destroy();
      hangUp(caller);
      settle({ kind: 'refused', status: answered?.status ?? 0 });
    },
    upgraded(got, rest) {
      const app = taken.detach();
      if (got.headers.findIndex((name) => name.toLowerCase() === 'upgrade') < 0) {
        app.destroy();
        const message = 'malformed answer: 101 without Upgrade';
        return settle({ kind: 'failed', failure: { reason: 'malformed', message, stale: false } });
      }
      caller.write(writeAnswer(got, ['Connection: Upgrade', `Upgrade: ${protocol}`]), 'latin1');
      settle({ kind: 'upgraded', app, rest: Buffer.from(rest) });
    },
    drained() {},
    failed(failure) {
      if (answered !== undefined) caller.destroy();
      settle(answered === undefined ? { kind: 'failed', failure } : { kind: 'aborted' });
    },
  };
  caller.once('close', onClose);
  caller.on('drain', onDrain);
  taken.begin({ method: 'GET', head, complete: true, upgrade: true }, listener);
}

/** The head of an answer whose body, if any, ends with the connection. */
function writeAnswer(
  { status, reason, headers, connection, framing }: ResponseHead,
  lines: readonly string[],
): string {
  const fields = filterAnswerFields(headers, connection);
  let head = `HTTP/1.1 ${status} ${reason}\r\n`;
  for (let i = 0; i < fields.length; i += 2) {
    const isLength = fields[i]?.toLowerCase() === 'content-length';
    if (!(isLength && framing.kind === 'chunked')) head += `${fields[i]}: ${fields[i + 1]}\r\n`;
  }
  for (const line of lines) head += `${line}\r\n`;
  return `${head}\r\n`;
}
