import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { targetGroups } from './http-discovery.ts';

/**
 * A small double of the Kubernetes API server, written from its documentation: list and watch of
 * pods and services as Prometheus' discovery uses them (resource versions, streaming lists with
 * bookmarks), and the two reviews by which an ambassador asks who somebody is and what he may.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/
 */
export interface KubernetesApi {
  readonly url: string;
  /** Creates the object, or replaces the one of the same namespace and name. */
  apply(kind: Kind, object: KubernetesObject): void;
  remove(kind: Kind, namespace: string, name: string): void;
  list(kind: Kind): readonly KubernetesObject[];
  /** Tokens that a TokenReview accepts. */
  readonly tokens: Map<string, TokenOwner>;
  close(): Promise<void>;
}

export type Kind = 'pods' | 'services';

export interface KubernetesObject {
  readonly metadata: { readonly namespace: string; readonly name: string } & Record<
    string,
    unknown
  >;
  readonly [field: string]: unknown;
}

export interface TokenOwner {
  readonly username: string;
  readonly groups: readonly string[];
  readonly audiences: readonly string[];
  /** The paths that a SubjectAccessReview lets this user read. */
  readonly mayGet: readonly string[];
}

const kinds: Readonly<Record<Kind, string>> = { pods: 'Pod', services: 'Service' };

interface Shelf {
  readonly objects: Map<string, KubernetesObject>;
  readonly watchers: Set<(type: string, object: unknown) => void>;
}

export async function startKubernetesApi(host = '127.0.0.1'): Promise<KubernetesApi> {
  let version = 1;
  const shelves: Record<Kind, Shelf> = { pods: newShelf(), services: newShelf() };
  const tokens = new Map<string, TokenOwner>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(asError(error)));
  });
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://api');
    const kind = /^\/api\/v1\/(pods|services)$/.exec(pathname)?.[1];
    if (kind === 'pods' || kind === 'services') {
      if (searchParams.get('watch') === null) return sendList(response, kind);
      return watch(response, kind, searchParams.get('sendInitialEvents') === 'true');
    }
    const role = /^\/http_sd\/(pod|service)$/.exec(pathname)?.[1];
    if (role === 'pod' || role === 'service') {
      const objects = [...shelves[`${role}s`].objects.values()];
      return send(response, 200, targetGroups(`${role}s`, objects));
    }
    if (pathname.endsWith('/tokenreviews')) return reviewToken(tokens, request, response);
    if (pathname.endsWith('/subjectaccessreviews')) return reviewAccess(tokens, request, response);
    send(response, 404, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 });
  };
  const sendList = (response: ServerResponse, kind: Kind) =>
    send(response, 200, {
      kind: `${kinds[kind]}List`,
      apiVersion: 'v1',
      metadata: { resourceVersion: String(version) },
      items: [...shelves[kind].objects.values()],
    });
  const watch = (response: ServerResponse, kind: Kind, initial: boolean) => {
    const { objects, watchers } = shelves[kind];
    const tell = (type: string, object: unknown) =>
      void response.write(`${JSON.stringify({ type, object })}\n`);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (initial) {
      for (const object of objects.values()) tell('ADDED', object);
      tell('BOOKMARK', endOfInitialEvents(kind, version));
    }
    watchers.add(tell);
    response.once('close', () => watchers.delete(tell));
  };
  const publish = (kind: Kind, type: string, object: KubernetesObject) => {
    version += 1;
    const current = withVersion(kind, object, version);
    for (const tell of shelves[kind].watchers) tell(type, current);
    return current;
  };
  server.listen(0, host);
  await once(server, 'listening');
  return {
    url: urlOf(server.address()),
    tokens,
    apply(kind, object) {
      const key = keyOf(object.metadata.namespace, object.metadata.name);
      const { objects } = shelves[kind];
      objects.set(key, publish(kind, objects.has(key) ? 'MODIFIED' : 'ADDED', object));
    },
    remove(kind, namespace, name) {
      const { objects } = shelves[kind];
      const object = objects.get(keyOf(namespace, name));
      if (object === undefined) return;
      objects.delete(keyOf(namespace, name));
      publish(kind, 'DELETED', object);
    },
    list: (kind) => [...shelves[kind].objects.values()],
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function newShelf(): Shelf {
  return { objects: new Map(), watchers: new Set() };
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function withVersion(kind: Kind, object: KubernetesObject, version: number): KubernetesObject {
  const { namespace, name } = object.metadata;
  return {
    apiVersion: 'v1',
    kind: kinds[kind],
    ...object,
    metadata: {
      uid: `${kind}-${namespace}-${name}`,
      ...object.metadata,
      resourceVersion: String(version),
    },
  };
}

/** Ends the first part of a streaming list: https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists */
function endOfInitialEvents(kind: Kind, version: number): unknown {
  return {
    apiVersion: 'v1',
    kind: kinds[kind],
    metadata: {
      resourceVersion: String(version),
      annotations: { 'k8s.io/initial-events-end': 'true' },
    },
  };
}

async function reviewToken(
  tokens: ReadonlyMap<string, TokenOwner>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const spec = await readSpec(request);
  const owner = tokens.get(String(spec['token']));
  const wanted: unknown[] = Array.isArray(spec['audiences']) ? spec['audiences'] : [];
  const audiences = owner?.audiences.filter((one) => wanted.includes(one)) ?? [];
  const authenticated = owner !== undefined && (wanted.length === 0 || audiences.length > 0);
  send(response, 201, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    status: authenticated
      ? {
          authenticated,
          audiences,
          user: { username: owner.username, uid: owner.username, groups: owner.groups },
        }
      : { authenticated: false, error: 'the token is not good here' },
  });
}

async function reviewAccess(
  tokens: ReadonlyMap<string, TokenOwner>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const spec = await readSpec(request);
  const asked = spec['nonResourceAttributes'];
  const path = typeof asked === 'object' && asked !== null && 'path' in asked ? asked.path : '';
  const owner = [...tokens.values()].find(({ username }) => username === spec['user']);
  send(response, 201, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    status: { allowed: owner?.mayGet.includes(String(path)) === true },
  });
}

async function readSpec(request: IncomingMessage): Promise<Record<string, unknown>> {
  const body: unknown = await json(request);
  const spec = typeof body === 'object' && body !== null && 'spec' in body ? body.spec : {};
  return typeof spec === 'object' && spec !== null ? { ...spec } : {};
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return `http://${address.address}:${address.port}`;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
