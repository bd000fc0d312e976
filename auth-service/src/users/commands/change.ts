import type { SessionEnd } from '@countinghouse/shared/contracts/auth'
import { queueMail } from '@countinghouse/shared/mail/outbox'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { refuse } from '../../errors.js'
import type { AskToVerify, EndSessions } from '../../ports.js'
import { changeUser, deleteUser, isActiveAdmin, type Changes, type User } from '../domain.js'
import { changed } from '../events.js'
import { movedMail } from '../mails.js'
import { findUserByEmail, findUserByUsername, relyOnAnotherAdmin, replaceUser } from '../store.js'

export type Deps = {
  now: () => Date
  endSessions: EndSessions
  askToVerify: AskToVerify
}

export type Wish = { changes: Changes; ifMatch: number | undefined }

/** Changes a user who was read in this transaction. */
export const change = async (tx: Tx, deps: Deps, user: User, { changes, ifMatch }: Wish): Promise<User> => {
  if (ifMatch !== undefined && ifMatch !== user.version) throw refuseCommon('version_conflict')
  const after = changeUser(user, changes, deps.now())
  if (after !== user) await become(tx, deps, user, after)
  return after
}

/** Ends a user for good; the id stays known to all who hold records of it. */
export const remove = (tx: Tx, deps: Deps, user: User): Promise<void> =>
  become(tx, deps, user, deleteUser(user, deps.now()))

const become = async (tx: Tx, deps: Deps, before: User, after: User): Promise<void> => {
  await assertNamesFree(tx, before, after)
  if (isActiveAdmin(before) && !isActiveAdmin(after) && !(await relyOnAnotherAdmin(tx, before._id)))
    throw refuse('last_admin')
  await replaceUser(tx, after)
  await addToOutbox(tx, ...changed(before, after))
  const end = endOfSessions(before, after)
  if (end) await deps.endSessions(tx, { userId: after._id }, end)
  if (after.emailKey !== before.emailKey && after.status !== 'deleted') await move(tx, deps, before, after)
}

const move = async (tx: Tx, { askToVerify }: Deps, before: User, after: User): Promise<void> => {
  await queueMail(tx, movedMail({ from: before.email, to: after.email, name: after.username }))
  await askToVerify(tx, after)
}

// A token says what its holder was when it was made.
const endOfSessions = (before: User, after: User): SessionEnd | undefined => {
  if (after.status !== 'active' && after.status !== before.status) return 'user_gone'
  return after.role === before.role ? undefined : 'role_changed'
}

const assertNamesFree = async (tx: Tx, before: User, { email, emailKey, username, usernameKey }: User) => {
  if (emailKey !== before.emailKey && (await findUserByEmail(tx, emailKey))) throw refuse('email_taken', { email })
  if (usernameKey !== before.usernameKey && (await findUserByUsername(tx, usernameKey)))
    throw refuse('username_taken', { username })
}
