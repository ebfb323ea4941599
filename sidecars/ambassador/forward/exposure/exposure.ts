import { readFileSync } from 'node:fs';

/** A listener of the app that others can reach without the ambassador. */
export interface Exposure {
  /** As `host:port`; the host in brackets when it is IPv6. */
  readonly address: string;
}

const listening = '0A';

/**
 * Looks, where Linux tells it, for listeners on the app's port that are not bound to localhost
 * alone: whoever can reach the pod's address can go past the ambassador there.
 */
export function findExposure(port: number): readonly Exposure[] {
  return ['tcp', 'tcp6'].flatMap((table) => readTable(`/proc/net/${table}`, port));
}

function readTable(file: string, port: number): Exposure[] {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch {
    return []; // not Linux: nothing to look at
  }
  return text.split('\n').flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    const [host = '', hexPort = ''] = local.split(':');
    if (state !== listening || Number.parseInt(hexPort, 16) !== port) return [];
    const address = host.length === 8 ? readIpv4(host) : readIpv6(host);
    if (address.startsWith('127.') || address === '::1') return [];
    return [{ address: host.length === 8 ? `${address}:${port}` : `[${address}]:${port}` }];
  });
}

/** Addresses stand there as 32-bit words in the byte order of the machine. */
function readIpv4(hex: string): string {
  return [...Buffer.from(hex, 'hex')].reverse().join('.');
}

function readIpv6(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => [...Buffer.from(word, 'hex')].reverse());
  if (bytes.every((byte) => byte === 0)) return '::';
  if (bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1) return '::1';
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  return Buffer.from(bytes).toString('hex').match(/.{4}/g)?.join(':') ?? hex;
}
