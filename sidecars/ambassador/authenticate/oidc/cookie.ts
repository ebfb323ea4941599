/** One cookie of the ambassador's own, for the host that a browser asked and no other. */
export interface Cookie {
  readonly name: string;
  /** The value among a request's cookies; several is what only an attacker sends. */
  read(header: string | undefined): string | 'several' | undefined;
  /** A `Set-Cookie` value that lasts so many seconds; 0 takes the cookie away. */
  write(value: string, maxAge: number): string;
}

/**
 * Cookies that no script reads, no other host sets (`__Host-`, RFC 6265bis section 4.1.3.2), and that
 * come along when a page of another site only leads here, but not with what it posts.
 */
export function createCookie(name: string, secure: boolean): Cookie {
  const full = secure ? `__Host-${name}` : name;
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  return {
    name: full,
    read(header = '') {
      const own = header
        .split(';')
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(`${full}=`));
      return own.length > 1 ? 'several' : own[0]?.slice(full.length + 1);
    },
    write: (value, maxAge) => `${full}=${value}; Max-Age=${maxAge}; ${attributes}`,
  };
}
