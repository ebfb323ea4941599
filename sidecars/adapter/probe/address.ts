import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { createAddressMatcher } from '../../core/address.ts';

/** Whether an address may be connected to: public ones, and those of the networks listed. */
export type JudgeAddress = (address: string) => boolean;

export function createAddressJudge(networks: readonly string[]): JudgeAddress {
  const isListed = createAddressMatcher(networks);
  return (text) => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text); // an IPv4 address in IPv6 clothes is judged as what it is
    if (address.range() === 'unicast') return true;
    return isListed(text);
  };
}

/**
 * Looks names up as ever, and refuses the target's when it leads to an address which may not be
 * connected to. What was judged is what is connected to: nobody asks the DNS in between.
 * @param target its host; others, as that of a token endpoint, come from the config and are trusted
 */
export function createGuardedLookup(judge: JudgeAddress, target: string): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const guarded = hostname === target;
      const bad = guarded ? found.find(({ address }) => !judge(address)) : undefined;
      const [first] = found;
      if (bad !== undefined || first === undefined) {
        const reason = `is ${bad?.address}, which probe.addresses does not list`;
        return callback(new Error(`${hostname} ${bad ? reason : 'has no address'}`), []);
      }
      if (options.all) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
}
