import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../errors.js'
import type { Profile, Tokens } from '../identity.js'
import { verifyPassword } from '../passwords.js'
import { claimsOf, createSession, type AccessClaims } from './domain.js'
import { insertSession } from './store.js'

type Login = Profile & { passwordHash: string }
export type FindLogin = (login: string) => Promise<Login | undefined>
export type OpenSession = (tx: Tx, user: Profile, device: string | undefined) => Promise<Tokens>

export type Deps = { sign: (claims: AccessClaims) => string; accessSeconds: number; now: () => Date }

/** Who is behind these credentials. Whether the user or the password is wrong is not told, nor to be felt. */
export const authenticate = async (findLogin: FindLogin, login: string, password: string): Promise<Profile> => {
  const user = await findLogin(login)
  const matches = await verifyPassword(password, user?.passwordHash)
  if (!user || !matches) throw refuse('invalid_credentials')
  return user
}

export const createOpenSession =
  ({ sign, accessSeconds, now }: Deps): OpenSession =>
  async (tx, user, device) => {
    const session = createSession({ id: uuidv7(), userId: user._id, device }, now())
    await insertSession(tx, session)
    return { accessToken: sign(claimsOf(session, user, accessSeconds)), tokenType: 'bearer', expiresIn: accessSeconds }
  }
