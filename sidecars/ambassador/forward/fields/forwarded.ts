/** What the app is told about the hops before it. */
export interface Hops {
  /** The caller, by the trusted-proxy rules, and the socket's other end, as plain addresses; often the same. */
  readonly client: string;
  readonly peer: string;
  readonly proto: 'http' | 'https';
  readonly host: string;
}

/** `X-Forwarded-*` and `Forwarded` (RFC 7239), made anew: nothing of the caller's own is in them. */
export function writeForwarded({ client, peer, proto, host }: Hops): string {
  const direct = client === peer;
  const hops = direct ? client : `${client}, ${peer}`;
  const node = direct
    ? `for=${quoteNode(client)}`
    : `for=${quoteNode(client)}, for=${quoteNode(peer)}`;
  return (
    `X-Forwarded-For: ${hops}\r\nX-Forwarded-Proto: ${proto}\r\nX-Forwarded-Host: ${host}\r\n` +
    `Forwarded: ${node};proto=${proto};host="${host}"\r\n`
  );
}

function quoteNode(address: string): string {
  if (address === '') return 'unknown';
  return address.includes(':') ? `"[${address}]"` : address;
}
