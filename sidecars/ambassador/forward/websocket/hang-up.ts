import type { Duplex } from 'node:stream';

const lingerMs = 1000;

/**
 * Ends a connection that nobody reads any more. What was written still goes out, and what comes in
 * is thrown away, for a close with unread bytes makes the kernel throw away the answer too; but the
 * other end is not waited for: it may never close.
 */
export function hangUp(socket: Duplex): void {
  socket.resume();
  socket.end(() => setTimeout(() => socket.destroy(), lingerMs).unref());
}
