import * as z from 'zod';

const patterns = (what: string) => z.array(z.string().min(1)).min(1).optional().describe(what);

/** Callers with a certificate of their own. */
export const mtlsSchema = z.strictObject({
  type: z.literal('mtls'),
  ca: z
    .string()
    .min(1)
    .describe('File with the PEM certificates of the authorities; re-read when it changes.'),
  spiffe: patterns(
    'SPIFFE IDs; * is one path segment, ** the rest: spiffe://prod/ns/*/sa/web',
  ).refine((list) => list === undefined || list.every(isSpiffePattern), {
    message: 'expected patterns such as spiffe://prod/ns/*/sa/web',
  }),
  dns: patterns('DNS names; * is one label: *.orders.svc'),
  email: patterns('Mail addresses, or *@example.org for all of a domain'),
});

function isSpiffePattern(text: string): boolean {
  return /^spiffe:\/\/[a-z0-9._-]+(\/(\*|[A-Za-z0-9._-]+))*\/(\*\*?|[A-Za-z0-9._-]+)$/.test(text);
}

export type MtlsConfig = z.output<typeof mtlsSchema>;
