import type { Authenticator, Finding, Inquiry } from '../authenticate/authenticator.ts';
import type { Identity } from '../identity.ts';
import type { Refusal } from '../refusal.ts';

/** Who is asking, or why nobody who could be named is. */
export type Proof = { readonly identity: Identity } | { readonly refusal: Refusal };

/**
 * Asks authenticators one after the other until one proves the caller. Answers at once as long as
 * they do: a request whose credential is known waits for nothing.
 */
export function prove(
  authenticators: readonly Authenticator[],
  inquiry: Inquiry,
  signal: AbortSignal,
  from = 0,
  worst: Finding = { kind: 'absent' },
): Proof | Promise<Proof> {
  let so = worst;
  for (let i = from; i < authenticators.length; i++) {
    const finding = authenticators[i]?.authenticate(inquiry, signal);
    if (finding instanceof Promise) {
      return finding.then((late) => {
        const settled = settle(late);
        if (settled !== undefined) return settled;
        return prove(authenticators, inquiry, signal, i + 1, worse(so, late));
      });
    }
    if (finding === undefined) continue;
    const settled = settle(finding);
    if (settled !== undefined) return settled;
    so = worse(so, finding);
  }
  return { refusal: refuse(so, authenticators, inquiry) };
}

function settle(finding: Finding): Proof | undefined {
  if (finding.kind === 'proved') return { identity: finding.identity };
  if (finding.kind === 'forbidden') {
    return { refusal: { status: 403, reason: 'bad_credential', detail: finding.reason } };
  }
  return undefined;
}

const severity = { absent: 0, rejected: 1, undecided: 2, proved: 0, forbidden: 0 } as const;

/** Of two findings that prove nobody, the one to answer for: a 503 may become well, a 401 not. */
function worse(a: Finding, b: Finding): Finding {
  return severity[b.kind] > severity[a.kind] ? b : a;
}

function refuse(
  finding: Finding,
  authenticators: readonly Authenticator[],
  inquiry: Inquiry,
): Refusal {
  if (finding.kind === 'undecided') {
    return { status: 503, reason: 'credential_undecided', detail: finding.reason };
  }
  for (const authenticator of authenticators) {
    const invitation = authenticator.invite?.(inquiry);
    if (invitation !== undefined) return invitation;
  }
  const rejected = finding.kind === 'rejected';
  const own = rejected ? finding.challenge : undefined;
  const challenges = new Set(own === undefined ? [] : [own]);
  for (const { challenge } of own === undefined ? authenticators : []) {
    if (challenge !== undefined) challenges.add(challenge);
  }
  return {
    // A 401 has to say how to do better (RFC 9110 section 15.5.2); for certificates no header can.
    status: challenges.size > 0 ? 401 : 403,
    reason: rejected ? 'bad_credential' : 'no_credential',
    headers: [...challenges].flatMap((challenge) => ['WWW-Authenticate', challenge]),
    ...(rejected ? { detail: finding.reason } : {}),
  };
}
