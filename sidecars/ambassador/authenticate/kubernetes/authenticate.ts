import type { Identity } from '../../identity.ts';
import {
  type Authenticator,
  absent,
  type Finding,
  forbidden,
  type Inquiry,
  proved,
  rejected,
  undecided,
} from '../authenticator.ts';
import { bearerChallenges } from '../challenge.ts';
import { maxCredentialLength, readToken } from '../credential.ts';
import type { ProviderContext } from '../provider.ts';
import { createCredentialCache } from '../remember/credential-cache.ts';
import type { Judgement } from '../remember/judgement-memory.ts';
import { createRemote } from '../remote.ts';
import { reviewAccess, toAttributes } from './access-review.ts';
import type { KubernetesConfig } from './config.ts';
import { type KubernetesUser, reviewToken } from './token-review.ts';

/** Service accounts and other users of the cluster: TokenReview, and RBAC where configured. */
export function createKubernetesAuthenticator(
  config: KubernetesConfig,
  context: ProviderContext,
): Authenticator {
  const { header, cache, server, subjectAccessReview } = config;
  const { metrics, name } = context;
  const challenges = bearerChallenges(name);
  const remote = createRemote(config, context);
  const tokens = createCredentialCache({ ...cache, metrics });
  const decisions = createCredentialCache({ ...cache, metrics });
  // What the review needs beside what an identity has; kept as long as the identity itself.
  const users = new WeakMap<Identity, KubernetesUser>();

  const judgeToken = async (token: string): Promise<Judgement> => {
    const review = await reviewToken(remote, config, token);
    if (typeof review === 'string') return { finding: undecided(review) };
    if (review.kind === 'rejected') {
      return { finding: rejected(review.reason, challenges.invalid), definitive: true };
    }
    const identity = identityOf(review.user, name);
    users.set(identity, review.user);
    return { finding: proved(identity) };
  };
  const judgeAccess = async (
    finding: Finding,
    user: KubernetesUser,
    attributes: ReturnType<typeof toAttributes>,
  ): Promise<Judgement> => {
    const allowed = await reviewAccess(remote, server, user, attributes);
    if (typeof allowed === 'string') return { finding: undecided(allowed) };
    return allowed ? { finding } : { finding: forbidden('access_review'), definitive: true };
  };
  const askAccess = (finding: Finding, inquiry: Inquiry): Finding | Promise<Finding> => {
    if (finding.kind !== 'proved' || subjectAccessReview === false) return finding;
    const user = users.get(finding.identity);
    if (user === undefined) return undecided('bad_answer');
    const attributes = toAttributes(inquiry, subjectAccessReview);
    const question = JSON.stringify([user, attributes]);
    return decisions.look(question, () => judgeAccess(finding, user, attributes));
  };
  return {
    challenge: challenges.ask,
    credentialHeaders: [header],
    check: remote.check,
    stop: remote.stop,
    authenticate(inquiry) {
      const token = readToken(inquiry, header);
      if (token === undefined) return absent;
      if (token.length > maxCredentialLength) return rejected('too_long', challenges.invalid);
      const finding = tokens.look(token, () => judgeToken(token));
      return finding instanceof Promise
        ? finding.then((found) => askAccess(found, inquiry))
        : askAccess(finding, inquiry);
    },
  };
}

function identityOf({ username, uid, groups, extra }: KubernetesUser, provider: string): Identity {
  return Object.freeze({
    provider,
    subject: username,
    groups: Object.freeze([...groups]),
    scopes: Object.freeze([]),
    claims: Object.freeze({ username, uid, extra }),
    expiresAt: undefined,
  });
}
