import type { TestContext } from 'node:test';
import { json, type Responder, type Service, service } from './service.ts';

interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface KubernetesApi {
  readonly server: Service;
  /** Tokens that are good, and the audiences that they are for. */
  readonly tokens: Map<string, { readonly user: User; readonly audiences: readonly string[] }>;
  /** Answers a SubjectAccessReview's spec. */
  allow: (spec: Readonly<Record<string, unknown>>) => boolean;
  /** The specs of what it was asked, by kind. */
  specs(kind: string): readonly Readonly<Record<string, unknown>>[];
}

export const ownToken = 'the ambassador itself';
const ownAudience = 'https://kubernetes.default.svc';

/**
 * A double of the API server's two review endpoints, written from the reference of
 * authentication.k8s.io/v1 TokenReview and authorization.k8s.io/v1 SubjectAccessReview: it creates
 * (201) the object it was given with its `status`, and wants a bearer token of its own.
 */
export async function kubernetesApi(test: TestContext): Promise<KubernetesApi> {
  const api: KubernetesApi = {
    tokens: new Map(),
    allow: () => false,
    server: await service(test, json({}, 404)),
    specs: (kind) =>
      api.server.requests
        .map(({ body }) => JSON.parse(body))
        .filter((object) => object.kind === kind)
        .map(({ spec }) => spec),
  };
  api.server.respond((request, response) => answer(api, request)(request, response));
  return api;
}

function answer(api: KubernetesApi, request: Parameters<Responder>[0]): Responder {
  if (request.headers.authorization !== `Bearer ${ownToken}`) {
    return json({ kind: 'Status', status: 'Failure', reason: 'Unauthorized', code: 401 }, 401);
  }
  const object = JSON.parse(request.body);
  const place = `${request.method} ${request.url} ${object.apiVersion}/${object.kind}`;
  switch (place) {
    case 'POST /apis/authentication.k8s.io/v1/tokenreviews authentication.k8s.io/v1/TokenReview':
      return json({ ...object, status: reviewToken(api, object.spec) }, 201);
    case 'POST /apis/authorization.k8s.io/v1/subjectaccessreviews authorization.k8s.io/v1/SubjectAccessReview':
      return json({ ...object, status: { allowed: api.allow(object.spec) } }, 201);
    default:
      return json({ kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 }, 404);
  }
}

function reviewToken(
  { tokens }: KubernetesApi,
  { token, audiences = [ownAudience] }: { token: string; audiences?: readonly string[] },
) {
  const known = tokens.get(token);
  const shared = known?.audiences.filter((name) => audiences.includes(name)) ?? [];
  if (known === undefined || shared.length === 0) {
    return { user: {}, error: '[invalid bearer token, token audiences are wrong]' };
  }
  return { authenticated: true, user: known.user, audiences: shared };
}
