import { hash, verify } from '@node-rs/argon2'
import { verify as verifyBcrypt } from '@node-rs/bcrypt'
import { gauge } from '@countinghouse/shared/metrics'
import { randomUUID } from 'node:crypto'
import { refuse } from './errors.js'

// OWASP's first choice; the library's algorithm is argon2id unless told otherwise.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
const CURRENT = '$argon2id$v=19$m=19456,t=2,p=1$'
const BCRYPT = /^\$2[abxy]\$/

// Node.js has four threads for such work; one is left for files and names.
const AT_ONCE_MAX = 3
const WAITING_MAX = 500

const waiting = gauge('auth_passwords_waiting', 'Passwords that wait to be hashed or checked')

export const hashPassword = (password: string): Promise<string> => inTurn(() => hash(password, COST))

/** False without a hash, after the same work as with one. */
export const verifyPassword = async (password: string, passwordHash: string | undefined): Promise<boolean> => {
  const expected = passwordHash ?? (await decoy)
  const matches = await inTurn(() => (BCRYPT.test(expected) ? verifyBcrypt : verifyArgon)(password, expected))
  return matches && passwordHash !== undefined
}

/** Whether a hash was made in another way than today's. */
export const isOutdated = (passwordHash: string): boolean => !passwordHash.startsWith(CURRENT)

const verifyArgon = (password: string, passwordHash: string): Promise<boolean> => verify(passwordHash, password)

let running = 0
const queue: (() => void)[] = []

const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  if (running >= AT_ONCE_MAX) await myTurn()
  else running += 1
  try {
    return await work()
  } finally {
    const next = queue.shift()
    waiting.set(queue.length)
    if (next) next()
    else running -= 1
  }
}

const myTurn = (): Promise<void> => {
  if (queue.length >= WAITING_MAX) throw refuse('too_many_logins')
  return new Promise((resolve) => {
    queue.push(resolve)
    waiting.set(queue.length)
  })
}

// Nobody's password, so that an unknown user costs a login the same time as a wrong password.
const decoy = hashPassword(randomUUID())
