import { type AddressMatcher, createAddressMatcher, plainAddress } from '../../core/address.ts';

/**
 * Tells the address of the caller: that of the socket, or, when the socket is a trusted proxy's, the
 * right-most hop of `X-Forwarded-For` that is not one. Anything further left is the caller's own say.
 */
export function createClientAddress(
  trustedProxies: readonly string[],
): (peer: string | undefined, forwardedFor: string | undefined) => string {
  if (trustedProxies.length === 0) return (peer) => plainAddress(peer ?? '');
  const trusted: AddressMatcher = createAddressMatcher(trustedProxies);
  return (peer, forwardedFor) => {
    let address = plainAddress(peer ?? '');
    if (forwardedFor === undefined || !trusted(address)) return address;
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
