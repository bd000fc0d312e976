import { hash, verify } from '@node-rs/argon2'
import { randomUUID } from 'node:crypto'

// OWASP's first choice; the library's algorithm is argon2id unless told otherwise.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

export const hashPassword = (password: string): Promise<string> => hash(password, COST)

// Nobody's password, so that an unknown user costs a login the same time as a wrong password.
const decoy = hashPassword(randomUUID())

/** False without a hash, after the same work as with one. */
export const verifyPassword = async (password: string, passwordHash: string | undefined): Promise<boolean> => {
  const matches = await verify(passwordHash ?? (await decoy), password)
  return matches && passwordHash !== undefined
}
