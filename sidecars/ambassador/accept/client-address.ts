import { type AddressMatcher, createAddressMatcher, plainAddress } from '../../core/address.ts';

/**
 * Tells the address of the caller: that of the socket, or, when the socket is a trusted proxy's, the
 * right-most hop of `X-Forwarded-For` that is not one. Anything further left is the caller's own say.
 * The peer is given as a plain address.
 */
export function createClientAddress(
  trustedProxies: readonly string[],
): (peer: string, forwardedFor: string | undefined) => string {
  if (trustedProxies.length === 0) return (peer) => peer;
  const trusted: AddressMatcher = createAddressMatcher(trustedProxies);
  return (peer, forwardedFor) => {
    if (forwardedFor === undefined || !trusted(peer)) return peer;
    let address = peer;
    const hops = forwardedFor.split(',');
    for (let hop = hops.pop(); hop !== undefined; hop = hops.pop()) {
      const next = plainAddress(hop.trim());
      if (next === '') return address; // no address: as far as can be trusted
      address = next;
      if (!trusted(address)) return address;
    }
    return address;
  };
}
