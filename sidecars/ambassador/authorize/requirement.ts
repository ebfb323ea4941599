import { createAddressMatcher } from '../../core/address.ts';
import { readClaim } from '../claims.ts';
import type { Identity } from '../identity.ts';
import type { Refusal } from '../refusal.ts';
import type { ClaimRule, Requirement } from './config.ts';

/** Judges a caller; undefined when nothing is missing. Identity is undefined on public routes. */
export type Judge = (identity: Identity | undefined, address: string) => Refusal | undefined;

/** Makes one judge of everything that a route's `require:` names. */
export function createJudge(requirement: Requirement | undefined): Judge | undefined {
  if (requirement === undefined) return undefined;
  const judges = [...byAddress(requirement), ...byIdentity(requirement)];
  return (identity, address) => {
    for (const judge of judges) {
      const refusal = judge(identity, address);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };
}

function* byAddress({ cidr }: Requirement): Generator<Judge> {
  if (cidr === undefined) return;
  const allowed = createAddressMatcher(cidr);
  yield (_, address) =>
    allowed(address) ? undefined : { status: 403, reason: 'address_not_allowed' };
}

function* byIdentity({ scopes, groups, subjects, claims }: Requirement): Generator<Judge> {
  if (scopes !== undefined) {
    yield (identity) =>
      scopes.every((scope) => identity?.scopes.includes(scope) === true)
        ? undefined
        : { status: 403, reason: 'missing_scope', detail: scopes.join(' ') };
  }
  if (groups !== undefined) {
    yield (identity) =>
      groups.some((group) => identity?.groups.includes(group) === true)
        ? undefined
        : { status: 403, reason: 'missing_group' };
  }
  if (subjects !== undefined) {
    yield (identity) =>
      identity !== undefined && subjects.includes(identity.subject)
        ? undefined
        : { status: 403, reason: 'missing_claim', detail: 'subject' };
  }
  for (const [path, rule] of Object.entries(claims ?? {})) {
    yield (identity) =>
      identity !== undefined && holds(rule, readClaim(identity.claims, path))
        ? undefined
        : { status: 403, reason: 'missing_claim', detail: path };
  }
}

function holds(rule: ClaimRule, value: unknown): boolean {
  if (typeof rule !== 'object') return value === rule;
  if ('in' in rule) return rule.in.some((one) => one === value);
  return Array.isArray(value) && value.includes(rule.contains);
}
