/** The hashes that are slow enough to guess for passwords that people make up. */
export type HashKind = 'bcrypt' | 'argon2';

/** bcrypt looks at no more; a longer password would be as good as its beginning. Bytes of UTF-8. */
export const maxPasswordBytes: Readonly<Record<HashKind, number>> = { bcrypt: 72, argon2: 1024 };
