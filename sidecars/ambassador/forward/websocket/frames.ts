/** Finds where WebSocket frames end in one direction of a connection (RFC 6455 section 5.2). */
export interface FrameTracker {
  /**
   * Takes the next bytes.
   * @returns where in them the first frame begins anew, or -1 when there is no such place;
   * 0 stands for their very beginning
   */
  feed(bytes: Buffer): number;
  /** Whether everything so far was whole frames. */
  atBoundary(): boolean;
}

export function createFrameTracker(): FrameTracker {
  let header = Buffer.alloc(0);
  let payload = 0;
  return {
    atBoundary: () => payload === 0 && header.length === 0,
    feed(bytes) {
      let boundary = payload === 0 && header.length === 0 ? 0 : -1;
      let at = 0;
      while (at < bytes.length) {
        if (payload > 0) {
          const taken = Math.min(payload, bytes.length - at);
          payload -= taken;
          at += taken;
        } else {
          const missing = headerLength(header) - header.length;
          header = Buffer.concat([header, bytes.subarray(at, at + missing)]);
          at = Math.min(bytes.length, at + missing);
          if (header.length < headerLength(header)) continue;
          payload = payloadLength(header);
          header = Buffer.alloc(0);
        }
        if (payload === 0 && header.length === 0 && boundary < 0) boundary = at;
      }
      return boundary;
    },
  };
}

/** How long the header is, as far as can be told from its beginning. */
function headerLength(header: Buffer): number {
  const second = header[1];
  if (second === undefined) return 2;
  const length = second & 0x7f;
  const extended = length === 126 ? 2 : length === 127 ? 8 : 0;
  return 2 + extended + (second & 0x80 ? 4 : 0);
}

function payloadLength(header: Buffer): number {
  const length = (header[1] ?? 0) & 0x7f;
  if (length === 126) return header.readUInt16BE(2);
  // More than a number can count exactly is more than anybody sends.
  return length === 127 ? Number(header.readBigUInt64BE(2)) : length;
}

/** Why a WebSocket is closed from here (RFC 6455 section 7.4.1). */
export const closeCodes = { goingAway: 1001, policyViolation: 1008 } as const;

/** A close frame as servers send it, unmasked. */
export function closeFrame(code: number): Buffer {
  return Buffer.from([0x88, 0x02, code >> 8, code & 0xff]);
}
