import { isCleanText, isRecord } from '../claims.ts';
import { type Remote, type RemoteFailure, readJson } from '../remote.ts';
import type { KubernetesConfig } from './config.ts';

/** `UserInfo` of authentication.k8s.io/v1. */
export interface KubernetesUser {
  readonly username: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, unknown>>;
}

export type TokenReview =
  | { readonly kind: 'authenticated'; readonly user: KubernetesUser }
  | { readonly kind: 'rejected'; readonly reason: 'inactive' | 'audience' | 'malformed_claims' };

/** Asks the API server whose token it is: POST authentication.k8s.io/v1 TokenReview. */
export async function reviewToken(
  remote: Remote,
  { server, audience }: KubernetesConfig,
  token: string,
): Promise<TokenReview | RemoteFailure> {
  const review = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token, ...(audience === undefined ? {} : { audiences: audience }) },
  };
  return remote.ask(
    {
      url: new URL('/apis/authentication.k8s.io/v1/tokenreviews', server).href,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(review),
    },
    (response) => {
      if (response.status !== 201 && response.status !== 200) return undefined;
      const status = readJson(response)?.['status'];
      return isRecord(status) ? readStatus(status, audience) : undefined;
    },
  );
}

function readStatus(
  status: Readonly<Record<string, unknown>>,
  audience: readonly string[] | undefined,
): TokenReview {
  if (status['authenticated'] !== true) return { kind: 'rejected', reason: 'inactive' };
  // A server that says no audience knows none: then the token is one for itself alone.
  const meant: readonly unknown[] = Array.isArray(status['audiences']) ? status['audiences'] : [];
  if (audience !== undefined && !audience.some((name) => meant.includes(name))) {
    return { kind: 'rejected', reason: 'audience' };
  }
  const user = readUser(status['user']);
  if (user === undefined) return { kind: 'rejected', reason: 'malformed_claims' };
  return { kind: 'authenticated', user };
}

function readUser(user: unknown): KubernetesUser | undefined {
  if (!isRecord(user)) return undefined;
  const { username, uid, groups = [], extra } = user;
  if (typeof username !== 'string' || !isCleanText(username) || !Array.isArray(groups)) {
    return undefined;
  }
  const names = groups.filter((group) => typeof group === 'string' && isCleanText(group));
  if (names.length !== groups.length) return undefined;
  return {
    username,
    uid: typeof uid === 'string' ? uid : undefined,
    groups: names,
    extra: isRecord(extra) ? extra : {},
  };
}
