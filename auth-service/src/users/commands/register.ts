import type { Role } from '@countinghouse/shared/contracts/auth'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { randomBytes } from 'node:crypto'
import { refuse } from '../../errors.js'
import {
  createUser,
  decideAdmission,
  usernameFrom,
  type Admission,
  type Applicant,
  type NewUser,
  type User,
} from '../domain.js'
import { registered } from '../events.js'
import { findUserByEmail, findUserByUsername, hasAdmin, insertUser } from '../store.js'

export type Candidate = { applicant: Applicant; role?: Role | undefined }
/** Only sample data bring an id. */
export type Registration = Candidate & Omit<NewUser, 'id' | 'username'> & { username?: string | undefined; id?: string }

/** By which rule the candidate may register; refuses who may not. */
export const admit = async (reads: Reads, { applicant, role }: Candidate): Promise<Admission> =>
  decideAdmission({ applicant, role, adminExists: await hasAdmin(reads) })

export const register = async (tx: Tx, registration: Registration, now: Date): Promise<User> => {
  const { applicant, role, ...fields } = registration
  const admission = await admit(tx, { applicant, role })
  if (await findUserByEmail(tx, fields.email)) throw refuse('email_taken', { email: fields.email })
  const username = await chooseUsername(tx, fields)
  const user = createUser({ id: uuidv7(), ...fields, username }, admission, now)
  await insertUser(tx, user)
  await addToOutbox(tx, registered(user))
  return user
}

const chooseUsername = async (
  tx: Tx,
  { email, username }: Pick<Registration, 'email' | 'username'>,
): Promise<string> => {
  if (username === undefined) return freeUsername(tx, usernameFrom(email))
  if (await findUserByUsername(tx, username)) throw refuse('username_taken', { username })
  return username
}

// A random ending, so that many of one name do not compete for the next number.
const freeUsername = async (tx: Tx, wanted: string): Promise<string> => {
  let username = wanted
  while (await findUserByUsername(tx, username)) username = `${wanted}-${randomBytes(3).toString('hex')}`
  return username
}
