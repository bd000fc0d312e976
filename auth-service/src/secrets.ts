import { createHash, randomBytes } from 'node:crypto'

/** A secret that is given away once and kept as its hash. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

// A secret of 256 random bits needs no slow hash.
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')
