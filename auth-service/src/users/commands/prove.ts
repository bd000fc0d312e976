import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../../errors.js'
import type { Login } from '../../identity.js'
import type { User } from '../domain.js'
import { findActiveUser, replaceUser } from '../store.js'
import { getCaller } from './read.js'

/** The user whose password was checked, as they are now; their new password hash, if any, is the same password's. */
export type Proof = { login: Login; passwordHash?: string | undefined }

/** Notes a login. Refuses when since the check the password was changed or the user left. */
export const noteLogin = async (tx: Tx, { login, passwordHash }: Proof, now: Date): Promise<User> => {
  const user = await findActiveUser(tx, login._id)
  if (user?.passwordChangedAt.getTime() !== login.passwordChangedAt.getTime()) throw refuse('invalid_credentials')
  const after = { ...user, lastLoginAt: now, passwordHash: passwordHash ?? user.passwordHash }
  await replaceUser(tx, after)
  return after
}

/** Gives an active user another password; refuses when there is no such user. */
export const setPassword = async (tx: Tx, userId: string, passwordHash: string, now: Date): Promise<User> => {
  const user = await getCaller(tx, userId)
  const after = { ...user, passwordHash, passwordChangedAt: now }
  await replaceUser(tx, after)
  return after
}

/** The user has shown that they read the mail of this address; false when it is not theirs any more. */
export const noteVerified = async (tx: Tx, userId: string, email: string, now: Date): Promise<User | undefined> => {
  const user = await findActiveUser(tx, userId)
  if (user?.email !== email) return undefined
  const after = { ...user, emailVerified: true, version: user.version + 1, updatedAt: now }
  await replaceUser(tx, after)
  return after
}
