import { splitPattern } from './pattern.ts';

/** What the table must know of a route to find it. */
export interface Findable {
  readonly path: string;
  /** An exact name, or `*.example.com` for every name below it; undefined for any. */
  readonly host: string | undefined;
  /** Undefined for every method. */
  readonly methods: readonly string[] | undefined;
}

export type Found<R> =
  | { readonly kind: 'route'; readonly route: R }
  /** The path is known, with other methods: these. */
  | { readonly kind: 'method'; readonly allowed: readonly string[] }
  | { readonly kind: 'none' };

export interface RouteTable<R> {
  /**
   * @param host lower case, with or without port
   * @param path as it is judged
   */
  find(host: string, path: string, method: string): Found<R>;
}

interface Branch<R> {
  readonly literals: Map<string, Branch<R>>;
  any: Branch<R> | undefined;
  /** The routes that end here, and those that end in `**` here. */
  end: Leaf<R> | undefined;
  rest: Leaf<R> | undefined;
}

/** The routes of one pattern, by method; `''` for every method that has no route of its own. */
type Leaf<R> = Map<string, R>;

const anyMethod = '';

/**
 * A table of routes in which the most specific one wins: first the host (exact, then the longest
 * wildcard, then any), then the path, segment by segment from the left (a literal before `*` before
 * `**`), and only then the method. A method that the most specific path does not have is not let
 * through by a wider one.
 */
export function createRouteTable<R extends Findable>(
  routes: readonly R[],
  { caseSensitive }: { readonly caseSensitive: boolean },
): RouteTable<R> {
  const exact = new Map<string, Branch<R>>();
  const wildcards = new Map<string, Branch<R>>();
  const anywhere = createBranch<R>();
  for (const route of routes) {
    const pattern = caseSensitive ? route.path : route.path.toLowerCase();
    addRoute(rootFor(route.host, exact, wildcards, anywhere), pattern, route);
  }
  const named = exact.size + wildcards.size > 0;
  return {
    find(host, path, method) {
      const judged = caseSensitive ? path : path.toLowerCase();
      if (named) {
        for (const root of rootsOf(host, exact, wildcards)) {
          const leaf = findLeaf(root, judged, 1);
          if (leaf !== undefined) return pick(leaf, method);
        }
      }
      const leaf = findLeaf(anywhere, judged, 1);
      return leaf === undefined ? { kind: 'none' } : pick(leaf, method);
    },
  };
}

function createBranch<R>(): Branch<R> {
  return { literals: new Map(), any: undefined, end: undefined, rest: undefined };
}

function rootFor<R>(
  host: string | undefined,
  exact: Map<string, Branch<R>>,
  wildcards: Map<string, Branch<R>>,
  anywhere: Branch<R>,
): Branch<R> {
  if (host === undefined) return anywhere;
  const name = host.toLowerCase();
  return name.startsWith('*.')
    ? getOrAdd(wildcards, name.slice(1), () => createBranch<R>())
    : getOrAdd(exact, name, () => createBranch<R>());
}

function addRoute<R extends Findable>(root: Branch<R>, pattern: string, route: R): void {
  let branch = root;
  const segments = splitPattern(pattern);
  const isRest = segments.at(-1) === '**';
  for (const segment of isRest ? segments.slice(0, -1) : segments) {
    if (segment === '*') branch = branch.any ??= createBranch<R>();
    else branch = getOrAdd(branch.literals, segment, () => createBranch<R>());
  }
  const leaf: Leaf<R> = (isRest ? branch.rest : branch.end) ?? new Map<string, R>();
  if (isRest) branch.rest = leaf;
  else branch.end = leaf;
  for (const method of route.methods ?? [anyMethod]) leaf.set(method, route);
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}

function rootsOf<R>(
  host: string,
  exact: ReadonlyMap<string, Branch<R>>,
  wildcards: ReadonlyMap<string, Branch<R>>,
): Branch<R>[] {
  const name = withoutPort(host);
  const roots: Branch<R>[] = [];
  const same = exact.get(name);
  if (same !== undefined) roots.push(same);
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const above = wildcards.get(name.slice(dot));
    if (above !== undefined) roots.push(above);
  }
  return roots;
}

function withoutPort(host: string): string {
  const colon = host.lastIndexOf(':');
  const name = colon < 0 || host.endsWith(']') ? host : host.slice(0, colon);
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

/** @param from where the segment begins; behind the end of the path there is none */
function findLeaf<R>(branch: Branch<R>, path: string, from: number): Leaf<R> | undefined {
  if (from >= path.length) return branch.end ?? branch.rest;
  const slash = path.indexOf('/', from);
  const end = slash < 0 ? path.length : slash;
  const literal = branch.literals.get(path.slice(from, end));
  if (literal !== undefined) {
    const leaf = findLeaf(literal, path, end + 1);
    if (leaf !== undefined) return leaf;
  }
  if (branch.any !== undefined) {
    const leaf = findLeaf(branch.any, path, end + 1);
    if (leaf !== undefined) return leaf;
  }
  return branch.rest;
}

function pick<R>(leaf: Leaf<R>, method: string): Found<R> {
  const route =
    leaf.get(method) ?? (method === 'HEAD' ? leaf.get('GET') : undefined) ?? leaf.get(anyMethod);
  if (route !== undefined) return { kind: 'route', route };
  const named = [...leaf.keys()];
  const allowed = leaf.has('GET') && !leaf.has('HEAD') ? [...named, 'HEAD'] : named;
  return { kind: 'method', allowed };
}
