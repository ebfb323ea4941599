import type { X509Certificate } from 'node:crypto';

/** The names in a certificate that say whose it is. */
export interface CertificateNames {
  readonly dns: readonly string[];
  readonly uri: readonly string[];
  readonly email: readonly string[];
  readonly commonName: string | undefined;
  /** As in Kubernetes, the organisations of a client certificate are its groups. */
  readonly organizations: readonly string[];
}

export function readNames(certificate: X509Certificate): CertificateNames {
  const alternatives = parseAlternativeNames(certificate.subjectAltName ?? '');
  const subject = parseSubject(certificate.subject ?? '');
  const of = <T extends { kind: string; value: string }>(list: readonly T[], kind: string) =>
    list.filter((item) => item.kind === kind).map(({ value }) => value);
  return {
    dns: of(alternatives, 'DNS').map((name) => name.toLowerCase()),
    uri: of(alternatives, 'URI'),
    email: of(alternatives, 'email'),
    commonName: of(subject, 'CN')[0],
    organizations: of(subject, 'O'),
  };
}

interface Name {
  readonly kind: string;
  readonly value: string;
}

/** `DNS:a, URI:b`; Node writes a value with anything odd in it as a JSON string (CVE-2021-44532). */
export function parseAlternativeNames(text: string): readonly Name[] {
  const names: Name[] = [];
  const pattern = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)/y;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [, kind = '', value = ''] = match;
    names.push({ kind, value: value.startsWith('"') ? String(JSON.parse(value)) : value });
    if (pattern.lastIndex === text.length) return names;
  }
  return []; // not understood to its end: then nothing of it is believed
}

/** `C=..\nO=..\nCN=..`: Node puts each attribute on a line of its own and escapes line ends in them. */
function parseSubject(text: string): readonly Name[] {
  return text.split('\n').map((line) => {
    const equals = line.indexOf('=');
    return { kind: line.slice(0, Math.max(equals, 0)), value: line.slice(equals + 1) };
  });
}
