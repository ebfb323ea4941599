import type { LookupFunction } from 'node:net';
import * as z from 'zod';
import { duration, url } from '../config/fields.ts';
import { type Secret, secret } from '../config/secret.ts';

/** TLS towards a server; files are read again when they change. */
export interface TlsOptions {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly serverName?: string | undefined;
  readonly insecureSkipVerify?: boolean | undefined;
}

/** How to show a server who is asking; exactly one of them. */
export type Credentials =
  | { readonly basic: { readonly username: string; readonly password: Secret } }
  | { readonly bearer: Secret }
  | { readonly apiKey: { readonly header: string; readonly value: Secret } }
  | { readonly oauth2: ClientCredentials };

/** The client credentials grant of RFC 6749 section 4.4. */
export interface ClientCredentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly scopes: readonly string[];
}

/** The keys every outgoing HTTP connection shares, whatever it is for. */
export interface HttpTarget {
  /** Finds the address of a name in place of the system's way, and may refuse to. */
  readonly lookup?: LookupFunction | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly auth?: Credentials | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** A Unix socket to connect to in place of the URL's host. */
  readonly socket?: string | undefined;
  /** Upper bound for one whole exchange, in milliseconds. */
  readonly timeout: number;
}

/** The schema of {@link TlsOptions}. */
export const tlsFields = z
  .strictObject({
    ca: z
      .string()
      .optional()
      .describe('File with the PEM certificates of the authorities to trust.'),
    cert: z.string().optional().describe('File with our own PEM certificate.'),
    key: z.string().optional().describe('File with the PEM key of our own certificate.'),
    serverName: z.string().optional().describe('The name to expect in the certificate.'),
    insecureSkipVerify: z.boolean().optional().describe('Trust anybody. For tests only.'),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
    message: 'cert and key go together',
  });

/** RFC 9110 section 5.1. */
const headerName = z.string().refine((name) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name), {
  message: 'not the name of a header',
});

const credentials = z.union([
  z.strictObject({
    basic: z
      .strictObject({
        username: z.string().describe('The user.'),
        password: secret().describe('The password.'),
      })
      .describe('A user and a password (RFC 7617).'),
  }),
  z.strictObject({ bearer: secret().describe('A token (RFC 6750).') }),
  z.strictObject({
    apiKey: z
      .strictObject({
        header: headerName.describe('Its name.'),
        value: secret().describe('Its value.'),
      })
      .describe('A key in a header of its own.'),
  }),
  z.strictObject({
    oauth2: z
      .strictObject({
        tokenUrl: url('https', 'http').describe('The token endpoint.'),
        clientId: z.string().describe('How we name ourselves there.'),
        clientSecret: secret().describe('What proves it.'),
        scopes: z.array(z.string()).default([]).describe('The scopes to ask for.'),
      })
      .describe('Client credentials (RFC 6749 section 4.4).'),
  }),
]);

/** RFC 9110 section 5.5. What was given is not repeated: it may be a secret. */
const headerText = z.string().refine((text) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text), {
  message: 'a header is text on one line, in Latin-1',
});

/** The schema fields of {@link HttpTarget}, to be spread into the object that has the URL. */
export function httpTargetFields(timeout: string) {
  return {
    tls: tlsFields.optional().describe('TLS towards the server.'),
    auth: credentials.optional().describe('One of basic, bearer, apiKey, oauth2.'),
    headers: z.record(headerName, headerText).default({}).describe('Headers to send.'),
    socket: z.string().optional().describe('A Unix socket to connect to.'),
    timeout: duration().prefault(timeout).describe('Upper bound for one exchange.'),
  };
}
