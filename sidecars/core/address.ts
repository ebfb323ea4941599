import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Whether an address is in one of the ranges. */
export type AddressMatcher = (address: string) => boolean;

/**
 * An address in its one spelling: IPv4 in IPv6 as IPv4, no zone, no port; empty if it is none.
 */
export function plainAddress(text: string): string {
  const v4 = text.startsWith('::ffff:') ? text.slice(7) : text; // as dual-stack sockets say it
  if (isIP(v4) === 4) return v4;
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, '$1');
  const family = isIP(bare);
  if (family === 0) return '';
  if (family === 4) return bare;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  return mapped ?? ipaddr.process(bare.split('%')[0] ?? bare).toString();
}

/** Whether `text` is an address or a CIDR range. */
export function isRange(text: string): boolean {
  return ipaddr.isValidCIDR(text) || isIP(text) !== 0;
}

/** @param ranges addresses and CIDR ranges, each of which `isRange` accepts */
export function createAddressMatcher(ranges: readonly string[]): AddressMatcher {
  if (ranges.length === 0) return () => false;
  const parsed = ranges.map((range) => {
    if (range.includes('/')) return ipaddr.parseCIDR(range);
    const address = ipaddr.process(range);
    const bits = address.kind() === 'ipv4' ? 32 : 128;
    return [address, bits] as [typeof address, number];
  });
  return (text) => {
    const plain = plainAddress(text);
    if (plain === '') return false;
    const address = ipaddr.process(plain);
    return parsed.some(
      ([range, bits]) => range.kind() === address.kind() && address.match(range, bits),
    );
  };
}
