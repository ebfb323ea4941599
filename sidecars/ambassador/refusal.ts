/** Why a request was not let in, or did not come through. A closed set: it is a metric label. */
export const refusalReasons = [
  'malformed_request',
  'ambiguous_path',
  'method_not_supported',
  'duplicate_header',
  'too_many_headers',
  'head_too_long',
  'no_route',
  'method_not_allowed',
  'no_credential',
  'bad_credential',
  'credential_undecided',
  'missing_scope',
  'missing_group',
  'missing_claim',
  'address_not_allowed',
  'denied_by_authorizer',
  'authorizer_undecided',
  'rate_limited',
  'too_many_concurrent',
  'too_many_failures',
  'body_too_large',
  'body_too_slow',
  'origin_not_allowed',
  'upgrade_not_allowed',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** The steps of a login, which the ambassador answers by itself: nothing is wrong with them. */
export const signInSteps = ['sign_in', 'signed_in', 'signed_out'] as const;
export type SignInStep = (typeof signInSteps)[number];

/** A request that does not reach the app, and what its caller is told. */
export interface Refusal {
  readonly status: number;
  readonly reason: RefusalReason | SignInStep;
  /** Fields of the answer, as names and values in turn. */
  readonly headers?: readonly string[];
  /** More for the log; never shown to the caller, never a credential. */
  readonly detail?: string;
}

export function isSignInStep(reason: Refusal['reason']): reason is SignInStep {
  return signInSteps.some((step) => step === reason);
}
