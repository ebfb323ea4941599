import type { Duplex } from 'node:stream';
import { closeFrame, createFrameTracker } from './frames.ts';

/** Two ends that speak WebSocket with each other through us. */
export interface Joined {
  /** Sends the caller a close frame with this code as soon as one fits in, and ends both. */
  close(code: number): void;
}

const lingerMs = 1000;

/** Lets a caller and an app speak until either ends; then both are closed. */
export function join(caller: Duplex, app: Duplex, rest: Buffer, done: () => void): Joined {
  const frames = createFrameTracker();
  let closing: number | undefined;
  let over = false;

  const end = () => {
    if (over) return;
    over = true;
    app.off('data', onAppData);
    // What has been written is still sent; then both go: half-open connections help nobody.
    for (const side of [caller, app]) {
      side.end();
      setTimeout(() => side.destroy(), lingerMs).unref();
    }
    done();
  };
  const sayGoodbye = (code: number) => {
    caller.write(closeFrame(code));
    end();
  };
  const onAppData = (bytes: Buffer) => {
    const boundary = frames.feed(bytes);
    if (closing !== undefined && boundary >= 0) {
      caller.write(bytes.subarray(0, boundary));
      return sayGoodbye(closing);
    }
    if (!caller.write(bytes)) app.pause();
  };
  if (rest.length > 0) onAppData(rest);
  app.on('data', onAppData);
  caller.on('drain', () => app.resume());
  caller.pipe(app, { end: false });
  for (const side of [caller, app]) {
    side.on('end', end);
    side.on('error', end);
    side.on('close', end);
  }
  return {
    close(code) {
      if (over || closing !== undefined) return;
      closing = code;
      if (frames.atBoundary()) sayGoodbye(code);
      else setTimeout(end, lingerMs).unref(); // in the middle of a frame that does not go on
    },
  };
}
