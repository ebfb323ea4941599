import { X509Certificate } from 'node:crypto';

const clientAuthentication = '1.3.6.1.5.5.7.3.2';
const anyUsage = '2.5.29.37.0';
const maxDepth = 4;

export type ChainFault = 'expired' | 'untrusted' | 'usage';

/**
 * What is wrong with a client certificate, or undefined when one of `anchors` issued it, directly or
 * through the intermediates that the caller sent. OpenSSL has looked at the chain as well, but
 * against the authorities of every authenticator together; here it is against those of this one.
 */
export function findChainFault(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
  now: number,
): ChainFault | undefined {
  if (!isCurrent(leaf, now)) return 'expired';
  const usage = leaf.keyUsage; // Node's name for the extended key usage
  if (usage !== undefined && !usage.includes(clientAuthentication) && !usage.includes(anyUsage)) {
    return 'usage';
  }
  return isIssued(leaf, intermediates, anchors, now, 0) ? undefined : 'untrusted';
}

function isIssued(
  certificate: X509Certificate,
  intermediates: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
  now: number,
  depth: number,
): boolean {
  if (depth > maxDepth) return false;
  const issued = (issuer: X509Certificate) =>
    issuer.ca &&
    isCurrent(issuer, now) &&
    certificate.checkIssued(issuer) &&
    certificate.verify(issuer.publicKey);
  if (anchors.some(issued)) return true;
  return intermediates.some(
    (issuer) => issued(issuer) && isIssued(issuer, intermediates, anchors, now, depth + 1),
  );
}

function isCurrent({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now && now < validToDate.getTime();
}

const pemPattern = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The certificates in a PEM file. @throws TypeError when there is none, or one that is not readable */
export function parseCertificates(pem: string): readonly X509Certificate[] {
  const certificates = pem.match(pemPattern)?.map((text) => new X509Certificate(text)) ?? [];
  if (certificates.length === 0) throw new TypeError('no PEM certificates in it');
  return certificates;
}
