import type { Role } from '@countinghouse/shared/contracts/auth'
import { refuse } from '@countinghouse/shared/refusal'
import type { Login, Profile } from '../identity.js'

/** Someone who can log in. The keys are what must be unique, and what a login is looked up by. */
export type User = Login & {
  emailKey: string
  usernameKey: string
  /** True for the one user who became admin because there was none. */
  firstAdmin: boolean
  /** How often this admin was what another one could go for: two who go at once meet here. */
  reliedOn: number
}

/** Whose token came with a registration. */
export type Applicant = 'admin' | 'other' | 'nobody'

/** By which rule someone becomes a user, and as what. */
export type Admission = { by: 'admin' | 'sign_up' | 'first_admin'; role: Role }

export type Application = { applicant: Applicant; role: Role | undefined; adminExists: boolean }

/** The first rule that fits decides. */
export const decideAdmission = ({ applicant, role, adminExists }: Application): Admission => {
  if (applicant === 'admin') return { by: 'admin', role: role ?? 'staff' }
  if (applicant === 'other') throw refuse('forbidden')
  if (role === 'customer' || role === 'vendor') return { by: 'sign_up', role }
  if (role === undefined && !adminExists) return { by: 'first_admin', role: 'admin' }
  throw refuse('unauthenticated')
}

export type NewUser = Pick<Profile, 'email' | 'username' | 'emailVerified'> &
  Pick<Profile, 'firstName' | 'lastName' | 'phone' | 'address'> & { id: string; passwordHash: string }

export const createUser = ({ id, ...fields }: NewUser, { by, role }: Admission, now: Date): User => ({
  _id: id,
  ...fields,
  emailKey: toKey(fields.email),
  usernameKey: toKey(fields.username),
  role,
  status: 'active',
  firstAdmin: by === 'first_admin',
  reliedOn: 0,
  version: 1,
  createdAt: now,
  updatedAt: now,
  passwordChangedAt: now,
  lastLoginAt: null,
})

export type Changes = Partial<
  Pick<Profile, 'email' | 'username' | 'firstName' | 'lastName' | 'phone' | 'address' | 'role' | 'status'>
>

/** The user after the changes, or the same one when they change nothing. A new address is an unverified one. */
export const changeUser = (user: User, changes: Changes, now: Date): User => {
  const names = Object.keys(changes) as (keyof Changes)[]
  if (names.every((name) => changes[name] === user[name])) return user
  const changed = { ...user, ...changes, version: user.version + 1, updatedAt: now }
  const sameAddress = toKey(changed.email) === user.emailKey
  return {
    ...changed,
    emailKey: toKey(changed.email),
    usernameKey: toKey(changed.username),
    emailVerified: user.emailVerified && sameAddress,
  }
}

/** What is left of a user: who they were stays known, what must be unique is free for others. */
export const deleteUser = (user: User, now: Date): User => {
  const released = `deleted:${user._id}`
  return {
    ...changeUser(user, { status: 'deleted' }, now),
    ...{ emailKey: released, usernameKey: released, passwordHash: released },
  }
}

export const isActiveAdmin = ({ role, status }: User): boolean => role === 'admin' && status === 'active'

/** E-mail addresses and usernames differ only by more than upper and lower case. */
export const toKey = (name: string): string => name.toLowerCase()

// Without "@", so that nobody's username can be another's e-mail address.
export const USERNAME = /^\w[\w.-]{0,63}$/

const DERIVED_MAX = 48

/** The part before the "@", as far as a username may hold it. */
export const usernameFrom = (email: string): string => {
  const local = email.slice(0, email.indexOf('@')).replace(/[^\w.-]/g, '')
  return local.replace(/^[.-]+/, '').slice(0, DERIVED_MAX) || 'user'
}
