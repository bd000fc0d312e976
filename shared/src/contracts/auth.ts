import { z } from 'zod'
import { defineEvent } from '../messaging/event.js'

export const ROLES = ['admin', 'staff', 'viewer', 'vendor', 'customer'] as const
export type Role = (typeof ROLES)[number]

/** What an API key may be good for; a route names it as `scope:<name>`. */
export const SCOPES = ['availability'] as const
export type Scope = (typeof SCOPES)[number]

/** The processes that act under an identity of their own. */
export const SERVICE_IDENTITIES = [
  'gateway',
  'auth-service',
  'wallet-service',
  'loan-service',
  'inventory-service',
  'reporting-service',
] as const

const SOURCE = 'auth-service'
const user = { user_id: z.string() }
const profile = {
  ...user,
  email: z.string(),
  username: z.string(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  phone: z.string().nullable(),
}

/** A user exists from now on; customers and vendors get a wallet by it. */
export const userRegistered = defineEvent(
  'user.registered',
  1,
  SOURCE,
  z.object({ ...profile, role: z.enum(ROLES), email_verified: z.boolean().default(false) }),
)

/** The user reads the mail of this address. */
export const userEmailVerified = defineEvent('user.email-verified', 1, SOURCE, z.object({ ...user, email: z.string() }))

/** What others may know of a user has changed. */
export const userUpdated = defineEvent(
  'user.updated',
  1,
  SOURCE,
  z.object({ ...profile, email_verified: z.boolean(), version: z.number().int() }),
)

export const userRoleChanged = defineEvent(
  'user.role-changed',
  1,
  SOURCE,
  z.object({ ...user, from: z.enum(ROLES), to: z.enum(ROLES) }),
)

/** The user cannot log in until reactivated. */
export const userDeactivated = defineEvent('user.deactivated', 1, SOURCE, z.object(user))
export const userReactivated = defineEvent('user.reactivated', 1, SOURCE, z.object(user))

/** The user never comes back; e-mail address and username are free for others. */
export const userDeleted = defineEvent('user.deleted', 1, SOURCE, z.object(user))

const session = { ...user, session_id: z.string() }
const origin = { device: z.string().nullable(), address: z.string().nullable() }

export const SESSION_ENDS = [
  'logout',
  'logout_all',
  'ended_by_user',
  'displaced',
  'password_changed',
  'password_reset',
  'role_changed',
  'user_gone',
  'refresh_reused',
] as const
export type SessionEnd = (typeof SESSION_ENDS)[number]

export const sessionOpened = defineEvent('session.opened', 1, SOURCE, z.object({ ...session, ...origin }))

/** The session was ended; one that ran out is not announced. */
export const sessionEnded = defineEvent(
  'session.ended',
  1,
  SOURCE,
  z.object({ ...session, reason: z.enum(SESSION_ENDS) }),
)

/** A refresh token came back after it was retired: two hold it, one of them a thief. `origin` is who came last. */
export const refreshReused = defineEvent('security.refresh-reused', 1, SOURCE, z.object({ ...session, ...origin }))

/** Failed logins begin to delay a user, or a name that is nobody's. */
export const loginsFailing = defineEvent(
  'security.logins-failing',
  1,
  SOURCE,
  z.object({ user_id: z.string().nullable(), failures: z.number().int(), ...origin }),
)

export const passwordChanged = defineEvent(
  'security.password-changed',
  1,
  SOURCE,
  z.object({ ...user, by: z.enum(['change', 'reset']) }),
)

const apiKey = { api_key_id: z.string(), name: z.string() }

/** A machine may come by this key from now on. */
export const apiKeyCreated = defineEvent(
  'api-key.created',
  1,
  SOURCE,
  z.object({ ...apiKey, scopes: z.array(z.string()), expires_at: z.iso.datetime().nullable() }),
)

export const apiKeyRevoked = defineEvent('api-key.revoked', 1, SOURCE, z.object(apiKey))
