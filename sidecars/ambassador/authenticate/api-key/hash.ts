import { hash } from 'node:crypto';

/**
 * How a key stands in the key file. Plain SHA-256 is enough for what a generator made of 256 random
 * bits, and lets every request be checked at once; for what people think up there is htpasswd.
 */
export function hashKey(key: string): string {
  return `sha256:${hash('sha256', key, 'base64url')}`;
}
