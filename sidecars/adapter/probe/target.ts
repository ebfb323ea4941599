/** Whom a probe may ask: scheme, host and port, and the path when one is given. */
export interface TargetPattern {
  /** The host when it is written without a "*", as in a URL: IPv6 in brackets. */
  readonly host: string | undefined;
  matches(target: URL): boolean;
}

const shape = /^(https?):\/\/(\[[0-9a-f:.]+\]|[^/:[\]@?#]+)(?::(\d+|\*))?(\/[^?#]*)?$/i;

/** Reads `http://10.1.2.3:8080`, `https://*.shop.svc:*` or `http://app/stats`. */
export function parseTarget(text: string): TargetPattern | { readonly fault: string } {
  const [, scheme, host, port, path] = shape.exec(text) ?? [];
  if (scheme === undefined || host === undefined) {
    return { fault: 'expected a target such as "http://10.1.2.3:8080" or "https://*.shop.svc:*"' };
  }
  const plain = !host.includes('*');
  const wanted = plain ? canonicalHost(host) : undefined;
  if (plain && wanted === undefined) return { fault: `"${host}" is no host` };
  const names = wanted === undefined ? globOf(host) : undefined;
  const { [scheme.toLowerCase()]: usual = '' } = { http: '80', https: '443' };
  return {
    host: wanted,
    matches({ protocol, hostname, port: own, pathname }) {
      if (protocol !== `${scheme.toLowerCase()}:`) return false;
      if (names === undefined ? hostname !== wanted : !names.test(hostname)) return false;
      if (port !== '*' && (own || usual) !== (port ?? usual)) return false;
      return path === undefined || path === '/' || pathname === path;
    },
  };
}

function canonicalHost(host: string): string | undefined {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;
}

/** A "*" stands for what is between two dots, so that it never reaches into another domain. */
function globOf(host: string): RegExp {
  const labels = host
    .toLowerCase()
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${labels.join('[^.:[\\]]+')}$`);
}
