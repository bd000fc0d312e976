import { inTransaction, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { refuse } from '../../errors.js'
import type { Login, Profile, Tokens, Visit } from '../../identity.js'
import { hashPassword, isOutdated } from '../../passwordHash.js'
import type { Authenticate, Credentials, OpenSession } from '../../ports.js'

export type Deps = {
  db: Connection
  authenticate: Authenticate
  openSession: OpenSession
  /** The user as they are now; refuses when since the check their password was changed or they left. */
  noteLogin: (tx: Tx, proof: { login: Login; passwordHash: string | undefined }) => Promise<Profile>
}

export type LoggedIn = { user: Profile; tokens: Tokens }

/** Lets somebody in; a hash of the old kind becomes one of today's. */
export const logIn = async (deps: Deps, credentials: Credentials, visit: Visit): Promise<LoggedIn> => {
  const login = await deps.authenticate(credentials, visit)
  if (!login) throw refuse('invalid_credentials')
  const passwordHash = isOutdated(login.passwordHash) ? await hashPassword(credentials.password) : undefined
  return inTransaction(deps.db, async (tx) => {
    const user = await deps.noteLogin(tx, { login, passwordHash })
    return { user, tokens: await deps.openSession(tx, user, visit) }
  })
}
