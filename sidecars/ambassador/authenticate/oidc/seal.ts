import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Makes of a value a text that nobody else can read, make or change. */
export interface Seal {
  close(value: unknown): string;
  /** The value; undefined when the text was not sealed by one of the keys, for this purpose. */
  open(text: string): unknown;
}

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Authenticated encryption: AES-256-GCM under keys that are derived (HKDF, RFC 5869) for one purpose,
 * so that nothing that was sealed for one is ever taken for another.
 *
 * @param keys the first one seals, every one opens; asked each time, for they may change
 */
export function createSeal(keys: () => readonly string[], purpose: string): Seal {
  const derived = new Map<string, Buffer>();
  const derive = (key: string): Buffer => {
    const known = derived.get(key);
    if (known !== undefined) return known;
    const made = Buffer.from(hkdfSync('sha256', key, '', purpose, 32));
    derived.set(key, made);
    return made;
  };
  return {
    close(value) {
      const [first = ''] = keys();
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv(algorithm, derive(first), iv);
      const body = [cipher.update(JSON.stringify(value), 'utf8'), cipher.final()];
      return Buffer.concat([iv, ...body, cipher.getAuthTag()]).toString('base64url');
    },
    open(text) {
      const bytes = Buffer.from(text, 'base64url');
      if (bytes.length < ivBytes + tagBytes || bytes.toString('base64url') !== text)
        return undefined;
      for (const key of keys()) {
        const plain = decrypt(bytes, derive(key));
        if (plain !== undefined) return JSON.parse(plain);
      }
      return undefined;
    },
  };
}

function decrypt(bytes: Buffer, key: Buffer): string | undefined {
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  const body = decipher.update(bytes.subarray(ivBytes, -tagBytes));
  try {
    return Buffer.concat([body, decipher.final()]).toString('utf8');
  } catch {
    return undefined; // another key, or not ours
  }
}
