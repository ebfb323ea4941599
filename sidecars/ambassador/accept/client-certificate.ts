import type { Duplex } from 'node:stream';
import { type PeerCertificate, TLSSocket } from 'node:tls';

/** What a caller showed in the TLS handshake, in DER. */
export interface ClientCertificate {
  readonly leaf: Uint8Array;
  readonly intermediates: readonly Uint8Array[];
}

const maxDepth = 8;

/**
 * Reads the certificates of callers, once for each connection. Only those whose chain OpenSSL has
 * verified up to one of the authorities that the listener knows; by which of them a caller is let
 * in is the authenticator's to judge.
 */
export function createClientCertificates(): (socket: Duplex) => ClientCertificate | undefined {
  const known = new WeakMap<TLSSocket, ClientCertificate>();
  return (socket) => {
    if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
    const read = known.get(socket) ?? readChain(socket);
    if (read !== undefined) known.set(socket, read);
    return read;
  };
}

function readChain(socket: TLSSocket): ClientCertificate | undefined {
  const [leaf, ...intermediates] = walk(socket.getPeerCertificate(true));
  return leaf && { leaf, intermediates };
}

/** From the leaf upwards; the root names itself as its issuer. */
function walk(first: PeerCertificate): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate: Partial<ReturnType<TLSSocket['getPeerCertificate']>> | undefined = first;
  while (certificate?.raw !== undefined && chain.length < maxDepth) {
    chain.push(certificate.raw);
    const issuer: unknown = Reflect.get(certificate, 'issuerCertificate');
    if (issuer === certificate) break;
    certificate = issuer as typeof certificate;
  }
  return chain;
}
