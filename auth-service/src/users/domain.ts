import type { Role } from '@countinghouse/shared/contracts/auth'
import { refuse } from '@countinghouse/shared/refusal'
import type { Profile } from '../identity.js'

/** Someone who can log in. The keys are what must be unique, and what a login is looked up by. */
export type User = Profile & {
  emailKey: string
  usernameKey: string
  passwordHash: string
  /** True for the one user who became admin because there was none. */
  firstAdmin: boolean
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
  firstAdmin: by === 'first_admin',
  version: 1,
  createdAt: now,
  updatedAt: now,
})

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
