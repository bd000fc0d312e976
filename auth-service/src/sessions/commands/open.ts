import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Profile, Tokens } from '../../identity.js'
import type { OpenSession } from '../../ports.js'
import { hashOf, newSecret } from '../../secrets.js'
import {
  SESSIONS_MAX,
  claimsOf,
  createRefreshToken,
  createSession,
  type AccessClaims,
  type Session,
} from '../domain.js'
import { opened } from '../events.js'
import { findSessions, insertRefreshToken, insertSession } from '../store.js'
import { endAll, type Revoke } from './end.js'

export type Deps = {
  sign: (claims: AccessClaims) => string
  accessSeconds: number
  restSeconds: number
  revoke: Revoke
  now: () => Date
}

/** Begins a session; of too many of one user the one that rested longest ends. */
export const createOpenSession =
  (deps: Deps): OpenSession =>
  async (tx, user, visit) => {
    const now = deps.now()
    await endAll(tx, deps, await findSessions(tx, user._id, SESSIONS_MAX - 1), 'displaced')
    const session = createSession({ id: uuidv7(), user, visit, restSeconds: deps.restSeconds }, now)
    await insertSession(tx, session)
    await addToOutbox(tx, opened(session))
    return toTokens(deps, session, user, await issueRefreshToken(tx, session, now))
  }

/** The next token of the chain; only its hash stays here. */
export const issueRefreshToken = async (tx: Tx, session: Session, now: Date): Promise<string> => {
  const secret = newSecret()
  await insertRefreshToken(tx, createRefreshToken(hashOf(secret), session, now))
  return secret
}

export const toTokens = (deps: Deps, session: Session, user: Profile, refreshToken: string): Tokens => {
  const claims = claimsOf(session, user, deps.accessSeconds, deps.now())
  return { accessToken: deps.sign(claims), tokenType: 'bearer', expiresIn: claims.exp - claims.iat, refreshToken }
}
