import type { Inquiry } from '../authenticator.ts';
import { isRecord } from '../claims.ts';
import { type Remote, type RemoteFailure, readJson } from '../remote.ts';
import type { KubernetesConfig } from './config.ts';
import type { KubernetesUser } from './token-review.ts';

/** The part of a SubjectAccessReview's `spec` that says what is asked for. */
export type Attributes = Readonly<Record<string, Readonly<Record<string, string>>>>;

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  OPTIONS: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** What a request asks of RBAC: its path with the method as the verb, or the configured resource. */
export function toAttributes(
  { method, path }: Pick<Inquiry, 'method' | 'path'>,
  review: Exclude<KubernetesConfig['subjectAccessReview'], false>,
): Attributes {
  if (review === true) return { nonResourceAttributes: { path, verb: method.toLowerCase() } };
  const verb = review.verb ?? verbs[method] ?? method.toLowerCase();
  const { group, resource, subresource, namespace, name } = review;
  const optional = Object.entries({ subresource, namespace, name });
  const given = optional.filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { resourceAttributes: { verb, group, resource, ...Object.fromEntries(given) } };
}

/** Asks RBAC whether the user may: POST authorization.k8s.io/v1 SubjectAccessReview. */
export async function reviewAccess(
  remote: Remote,
  server: string,
  { username, uid, groups, extra }: KubernetesUser,
  attributes: Attributes,
): Promise<boolean | RemoteFailure> {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user: username, groups, extra, ...(uid === undefined ? {} : { uid }), ...attributes },
  };
  return remote.ask(
    {
      url: new URL('/apis/authorization.k8s.io/v1/subjectaccessreviews', server).href,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(review),
    },
    (response) => {
      if (response.status !== 201 && response.status !== 200) return undefined;
      const status = readJson(response)?.['status'];
      if (!isRecord(status) || typeof status['allowed'] !== 'boolean') return undefined;
      return status['allowed'] && status['denied'] !== true;
    },
  );
}
