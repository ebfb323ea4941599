import * as z from 'zod';
import { isRange } from '../../core/address.ts';
import { duration, rate, size } from '../../core/config/fields.ts';
import { checkPattern, splitPattern } from './pattern.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const claimRule = z
  .union([
    scalar,
    z.strictObject({ in: z.array(scalar).min(1).describe('The claim is one of these.') }),
    z.strictObject({ contains: scalar.describe('The claim is a list that has this.') }),
  ])
  .describe('What a claim must be: a value, {in: [values]} or {contains: value}.');

export const ranges = () =>
  z.array(
    z.string().refine(isRange, { message: 'expected an address or a range such as 10.0.0.0/8' }),
  );

const requirement = z
  .strictObject({
    scopes: z.array(z.string()).min(1).optional().describe('Scopes, all of which it takes.'),
    groups: z.array(z.string()).min(1).optional().describe('Groups, one of which is enough.'),
    subjects: z.array(z.string()).min(1).optional().describe('Subjects, one of which it must be.'),
    claims: z
      .record(z.string(), claimRule)
      .optional()
      .describe('Claims by name or path (realm_access.roles), all of which must hold.'),
    authorizer: z.string().optional().describe('A name under authorizers:, asked last.'),
    cidr: ranges().min(1).optional().describe('Ranges from which callers may come.'),
  })
  .refine((rules) => Object.keys(rules).length > 0, { message: 'says nothing; leave it out' })
  .describe('What it takes to be let in, beside a good credential.');

const routeLimitFields = z.strictObject({
  rate: rate().optional().describe('How often, on average; more is answered 429.'),
  burst: z.int().positive().optional().describe('How many at once; by default a second of rate.'),
  per: z
    .enum(['subject', 'address', 'route'])
    .default('subject')
    .describe('Who shares the rate and concurrent: subject (public: the address), address, route.'),
  concurrent: z.int().positive().optional().describe('How many at the same time; more get 429.'),
  body: size().optional().describe('Longest request body; longer ones are answered 413.'),
});

const routeLimits = routeLimitFields.refine(
  ({ rate: average, burst }) => burst === undefined || average !== undefined,
  { path: ['burst'], message: 'says nothing without rate; add one' },
);

const methodName = z.string().regex(/^[A-Z]+$/, 'expected a method in capitals, such as GET');

const websocket = z.strictObject({
  origins: z
    .array(
      z
        .string()
        .regex(
          /^(\*|null|[a-z][a-z0-9+.-]*:\/\/[^/]+)$/,
          'expected an origin such as https://app.example',
        ),
    )
    .min(1)
    .optional()
    .describe('Web pages that may connect, by origin; by default only those of the same host.'),
  closeOnExpiry: z
    .boolean()
    .default(true)
    .describe('Close the connection when the credential that opened it ends.'),
  recheck: duration()
    .prefault('60s')
    .describe(
      'How often to look whether that credential is still good; what cache.ttl remembers counts as good.',
    ),
});

const hostPattern = /^(\*\.)?[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*$|^[0-9.]+$|^\[[0-9a-fA-F:.]+\]$/;

export const route = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .optional()
      .describe('For metrics and the log; by default host and path.'),
    path: z.string().describe('A path with * for one segment and ** for the rest.'),
    methods: z.array(methodName).min(1).optional().describe('By default every method.'),
    host: z
      .string()
      .regex(hostPattern, 'expected a host name, without port, such as api.example or *.example')
      .optional()
      .describe('By default every host.'),
    public: z.boolean().default(false).describe('Let everybody in, without a credential.'),
    auth: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('Names under auth:, one of which must prove the caller; by default all of them.'),
    require: requirement.optional(),
    limits: routeLimits.optional().describe('Limits of this route.'),
    websocket: websocket.optional().describe('Allows WebSocket connections.'),
    upstream: z.string().optional().describe('A name under upstreams:; by default upstream.'),
  })
  .superRefine((rule, context) => {
    const wrong = checkPattern(rule.path);
    if (wrong !== undefined) context.addIssue({ code: 'custom', path: ['path'], message: wrong });
    const conflict = (path: string[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    if (rule.public && rule.auth !== undefined) {
      conflict(['auth'], 'never used: the route is public; remove one of the two');
    }
    for (const key of ['scopes', 'groups', 'subjects', 'claims'] as const) {
      if (rule.public && rule.require?.[key] !== undefined) {
        conflict(
          ['require', key],
          'can never hold: nobody is asked who they are on a public route',
        );
      }
    }
    if (rule.websocket !== undefined && rule.methods?.includes('GET') === false) {
      conflict(['websocket'], 'can never match: a WebSocket begins with GET; add it to methods');
    }
  });

/** An authorizer of the user's own. */
export const authorizer = z
  .strictObject({
    module: z
      .string()
      .min(1)
      .optional()
      .describe('A JavaScript or TypeScript file that exports defineAuthorizer({...}).'),
    use: z
      .string()
      .min(1)
      .optional()
      .describe('The name of one that was given to createAmbassador in a program of your own.'),
    options: z.unknown().optional().describe('Handed to it as it stands here.'),
    timeout: duration().prefault('1s').describe('Upper bound for one answer; then 503.'),
  })
  .refine(({ module, use }) => (module === undefined) !== (use === undefined), {
    path: ['module'],
    message: 'give one of module (a file) and use (a name)',
  });

export type AuthorizerConfig = z.output<typeof authorizer>;
export type RouteConfig = z.output<typeof route>;
export type Requirement = z.output<typeof requirement>;
export type ClaimRule = z.output<typeof claimRule>;
export type RouteLimits = z.output<typeof routeLimits>;

/** Routes of which neither is the more specific one; the index of the later one, and the earlier. */
export function findTies(
  routes: readonly RouteConfig[],
  caseSensitive: boolean,
): { index: number; of: number; method: string }[] {
  const seen = new Map<string, number>();
  const ties: { index: number; of: number; method: string }[] = [];
  routes.forEach((rule, index) => {
    const segments = splitPattern(rule.path).join('/');
    const pattern = caseSensitive ? segments : segments.toLowerCase();
    for (const method of new Set(rule.methods ?? [''])) {
      const key = `${rule.host?.toLowerCase() ?? ''} /${pattern} ${method}`;
      const of = seen.get(key);
      if (of === undefined) seen.set(key, index);
      else ties.push({ index, of, method });
    }
  });
  return ties;
}

/** The name of a route in metrics and the log. */
export function nameOf({ name, host, path }: RouteConfig): string {
  return name ?? `${host ?? ''}${path}`;
}
