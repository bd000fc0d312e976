import { createKeyedQueue } from '@countinghouse/shared/messaging/keyedQueue'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { counter } from '@countinghouse/shared/metrics'
import { inTransaction, readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { refuse } from '../../errors.js'
import type { Login, Profile, Visit } from '../../identity.js'
import { verifyPassword } from '../../passwordHash.js'
import type { Authenticate, Credentials, FindLogin } from '../../ports.js'
import { hashOf } from '../../secrets.js'
import {
  loginFrom,
  loginOf,
  addFailure,
  beginsToDelay,
  secondsToWait,
  subjectsOf,
  type Failures,
  type Subjects,
} from '../domain.js'
import { failing } from '../events.js'
import { findFailures, removeFailures, replaceFailures } from '../store.js'

export type Deps = {
  db: Connection
  now: () => Date
  findLogin: FindLogin
  isKnownAddress: (userId: string, address: string) => Promise<boolean>
}

const checks = counter('auth_password_checks_total', 'Passwords that somebody offered', {
  result: ['right', 'wrong', 'delayed'],
})

/** Checks credentials. Whether the user or the password is wrong is not told, nor to be felt. */
export const createAuthenticate = (deps: Deps): Authenticate => {
  const inTurn = createKeyedQueue()
  return (credentials, visit) => {
    const hash = loginHashOf(credentials.login)
    // One after the other for each name, so that a volley of guesses does not outrun the counting.
    return inTurn(hash, () => check(deps, credentials, hash, visit))
  }
}

const check = async (deps: Deps, { login, password }: Credentials, hash: string, visit: Visit) => {
  const user = await deps.findLogin(login)
  const subjects = subjectsOf(hash, visit.address, await deps.isKnownAddress(user?._id ?? '', visit.address))
  const standing = await findFailures(readsOn(deps.db), idsOf(subjects))
  assertNoDelay(standing, deps.now())
  const matches = await verifyPassword(password, user?.passwordHash)
  checks.inc({ result: matches ? 'right' : 'wrong' })
  if (!matches) await inTransaction(deps.db, (tx) => noteFailure(tx, { subjects, user, visit }, deps.now()))
  // The address stays counted, or an attacker with an account would clear it as they please.
  else if (standing.length > 0) await inTransaction(deps.db, (tx) => removeFailures(tx, [subjects.login.id]))
  return matches ? user : undefined
}

const assertNoDelay = (standing: Failures[], now: Date): void => {
  const retry_after = secondsToWait(standing, now)
  if (retry_after === 0) return
  checks.inc({ result: 'delayed' })
  throw refuse('too_many_attempts', { retry_after })
}

type Attempt = { subjects: Subjects; user: Login | undefined; visit: Visit }

// For a name that nobody has the same is written, so that it takes the same time.
const noteFailure = async (tx: Tx, { subjects, user, visit }: Attempt, now: Date): Promise<void> => {
  const standing = new Map((await findFailures(tx, idsOf(subjects))).map((failures) => [failures._id, failures]))
  const [login, address] = [subjects.login, subjects.address].map((subject) =>
    addFailure(standing.get(subject.id), subject, now),
  ) as [Failures, Failures]
  await replaceFailures(tx, login)
  await replaceFailures(tx, address)
  if (beginsToDelay(login, subjects.login)) await addToOutbox(tx, failing(login, user?._id, visit))
}

/** What failed in the name of this user counts no more, here or elsewhere. */
export const forgetFailures = (tx: Tx, { email, username }: Profile, address: string): Promise<void> =>
  removeFailures(
    tx,
    [email, username].map(loginHashOf).flatMap((hash) => [loginOf(hash), loginFrom(hash, address)]),
  )

const loginHashOf = (login: string): string => hashOf(login.toLowerCase())
const idsOf = ({ login, address }: Subjects): string[] => [login.id, address.id]
