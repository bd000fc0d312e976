import { queueMail } from '@countinghouse/shared/mail/outbox'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { inTransaction, readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import type { Connection } from 'mongoose'
import { setTimeout as pause } from 'node:timers/promises'
import { refuse } from '../errors.js'
import type { Profile, Visit } from '../identity.js'
import { dropMailedToken, findMailedToken, issueMailedToken, takeMailedToken } from '../mailedTokens.js'
import { hashPassword } from '../passwordHash.js'
import { assertGoodPassword } from '../passwordRules.js'
import type { Authenticate, EndSessions, FindLogin, FindUser } from '../ports.js'
import { changed } from './events.js'
import { changedMail, resetMail } from './mails.js'

export type Deps = {
  db: Connection
  now: () => Date
  appUrl: string | undefined
  authenticate: Authenticate
  findUser: FindUser
  findLogin: FindLogin
  setPassword: (tx: Tx, userId: string, passwordHash: string) => Promise<Profile>
  endSessions: EndSessions
  /** What failed before counts no more. */
  forgetFailures: (tx: Tx, user: Profile, address: string) => Promise<void>
}

export type Change = { userId: string; sessionId: string; currentPassword: string; newPassword: string }

/** Gives the user another password; all other sessions end. */
export const changePassword = async (deps: Deps, change: Change, visit: Visit): Promise<void> => {
  const user = await deps.findUser(readsOn(deps.db), change.userId)
  if (!user) throw refuseCommon('user_gone')
  const proven = await deps.authenticate({ login: user.email, password: change.currentPassword }, visit)
  if (proven?._id !== user._id) throw refuse('wrong_password')
  assertGoodPassword({ ...user, password: change.newPassword, field: 'new_password' })
  const passwordHash = await hashPassword(change.newPassword)
  await inTransaction(deps.db, async (tx) => {
    const current = await deps.findUser(tx, user._id)
    if (current?.passwordChangedAt.getTime() !== proven.passwordChangedAt.getTime()) throw refuse('wrong_password')
    await become(tx, deps, { userId: user._id, passwordHash, by: 'change' })
    await deps.endSessions(tx, { userId: user._id, except: change.sessionId }, 'password_changed')
  })
}

const RESET_LIFE_MS = 3600_000
const ANSWER_AFTER_MS = 200

/** Mails a token for a new password to an active user, at most one a minute. Takes the same time for anyone. */
export const askForReset = async (deps: Deps, login: string): Promise<void> => {
  await Promise.all([mailReset(deps, login), pause(ANSWER_AFTER_MS)])
}

const mailReset = async ({ db, findLogin, now, appUrl }: Deps, login: string): Promise<void> => {
  const user = await findLogin(login)
  if (!user) return
  const { _id: userId, email, username } = user
  await inTransaction(db, async (tx) => {
    const holder = { purpose: 'reset_password', userId, email, lifeMs: RESET_LIFE_MS } as const
    const token = await issueMailedToken(tx, holder, now())
    if (token !== undefined) await queueMail(tx, resetMail({ to: email, name: username, token, appUrl }))
  })
}

export type Reset = { token: string; newPassword: string; address: string }

/** Gives the user whose mail holds the token another password; all sessions end. */
export const resetPassword = async (deps: Deps, { token, newPassword, address }: Reset): Promise<void> => {
  // Before the costly hash, so that nobody without a token can make us work.
  const { userId, email } = await findMailedToken(readsOn(deps.db), 'reset_password', token, deps.now())
  const user = await deps.findUser(readsOn(deps.db), userId)
  if (user?.email !== email) throw refuse('mailed_token_invalid')
  assertGoodPassword({ ...user, password: newPassword, field: 'new_password' })
  const passwordHash = await hashPassword(newPassword)
  await inTransaction(deps.db, async (tx) => {
    await takeMailedToken(tx, 'reset_password', token, deps.now())
    await deps.forgetFailures(tx, user, address)
    await become(tx, deps, { userId, passwordHash, by: 'reset' })
    await deps.endSessions(tx, { userId }, 'password_reset')
  })
}

type NewPassword = { userId: string; passwordHash: string; by: 'change' | 'reset' }

const become = async (tx: Tx, deps: Deps, { userId, passwordHash, by }: NewPassword): Promise<void> => {
  const { email, username } = await deps.setPassword(tx, userId, passwordHash)
  await dropMailedToken(tx, { purpose: 'reset_password', userId })
  await addToOutbox(tx, changed(userId, by))
  await queueMail(tx, changedMail({ to: email, name: username }))
}
