import { X509Certificate } from 'node:crypto';
import type { Identity } from '../../identity.ts';
import {
  type Authenticator,
  absent,
  type Finding,
  type Inquiry,
  proved,
  rejected,
} from '../authenticator.ts';
import { isCleanText } from '../claims.ts';
import { createFollowedFile } from '../followed-file.ts';
import type { ProviderContext } from '../provider.ts';
import { createCredentialCache } from '../remember/credential-cache.ts';
import type { Judgement } from '../remember/judgement-memory.ts';
import { findChainFault, parseCertificates } from './chain.ts';
import type { MtlsConfig } from './config.ts';
import { isSpiffeId, matchesDns, matchesEmail, matchesSpiffe } from './name-pattern.ts';
import { type CertificateNames, readNames } from './names.ts';

/** A judged certificate is looked at again this often, for the authority's own end of validity. */
const cacheTtlMs = 60_000;

/** Callers with a certificate of one of our authorities (RFC 8446 section 4.4.2). */
export function createMtlsAuthenticator(
  config: MtlsConfig,
  context: ProviderContext,
): Authenticator {
  const { name, metrics } = context;
  const remembered = createCredentialCache({ ttl: cacheTtlMs, size: 10_000, metrics });
  const anchors = createFollowedFile({
    file: config.ca,
    context,
    parse: parseCertificates,
    onChange: () => remembered.clear(),
  });

  const judge = (der: Uint8Array, others: readonly Uint8Array[]): Judgement => {
    const leaf = readCertificate(der);
    if (leaf === undefined) return { finding: rejected('malformed'), definitive: true };
    const intermediates = others.map(readCertificate).filter((one) => one !== undefined);
    const fault = findChainFault(leaf, intermediates, anchors.current() ?? [], Date.now());
    if (fault !== undefined) return { finding: rejected(fault) };
    return { finding: toFinding(leaf, config, name), definitive: true };
  };
  return {
    challenge: undefined, // asked for in the TLS handshake; no header can ask again
    credentialHeaders: [],
    start: anchors.start,
    stop: anchors.stop,
    check: () => ({ ok: anchors.current() !== undefined, message: config.ca }),
    authenticate({ clientCertificate, clientIntermediates }: Inquiry) {
      if (clientCertificate === undefined) return absent;
      const key = Buffer.from(clientCertificate).toString('latin1');
      return remembered.look(key, () => judge(clientCertificate, clientIntermediates ?? []));
    },
  };
}

function readCertificate(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

function toFinding(leaf: X509Certificate, config: MtlsConfig, provider: string): Finding {
  const names = readNames(leaf);
  const subject = chooseSubject(names, config);
  if (subject === undefined) return rejected('name');
  if (!isCleanText(subject) || !names.organizations.every(isCleanText)) {
    return rejected('malformed_claims');
  }
  const { dns, uri, email, commonName, organizations } = names;
  const identity: Identity = {
    provider,
    subject,
    groups: Object.freeze(organizations),
    scopes: Object.freeze([]),
    claims: Object.freeze({
      dns,
      uri,
      email: email.length === 1 ? email[0] : undefined,
      commonName,
      serialNumber: leaf.serialNumber,
      fingerprint: leaf.fingerprint256,
    }),
    expiresAt: leaf.validToDate.getTime(),
  };
  return proved(Object.freeze(identity));
}

/** The name that matched a pattern, or without patterns the first that there is. */
function chooseSubject(names: CertificateNames, config: MtlsConfig): string | undefined {
  const { spiffe, dns, email } = config;
  // A certificate with two URIs is no SVID, whatever they are (X509-SVID section 2).
  const [uri] = names.uri.length === 1 ? names.uri : [];
  const id = uri !== undefined && isSpiffeId(uri) ? uri : undefined;
  if (spiffe === undefined && dns === undefined && email === undefined) {
    return id ?? names.dns[0] ?? names.email[0] ?? names.commonName;
  }
  if (id !== undefined && spiffe?.some((pattern) => matchesSpiffe(id, pattern))) return id;
  return (
    names.dns.find((name) => dns?.some((pattern) => matchesDns(name, pattern))) ??
    names.email.find((name) => email?.some((pattern) => matchesEmail(name, pattern)))
  );
}
