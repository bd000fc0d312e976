import type { Role } from '@countinghouse/shared/contracts/auth'

export const USER_STATUSES = ['active', 'deactivated', 'deleted'] as const
export type UserStatus = (typeof USER_STATUSES)[number]

/** What may be known about a user: all but what proves who they are. */
export type Profile = {
  _id: string
  email: string
  emailVerified: boolean
  username: string
  role: Role
  status: UserStatus
  firstName: string | null
  lastName: string | null
  phone: string | null
  address: string | null
  version: number
  createdAt: Date
  updatedAt: Date
  lastLoginAt: Date | null
}

/** A user with what a password is checked against. */
export type Login = Profile & {
  passwordHash: string
  /** A better hash of the same password does not count. */
  passwordChangedAt: Date
}

/** From where somebody calls. */
export type Visit = { device: string | undefined; address: string }

/** What a login gives. */
export type Tokens = { accessToken: string; tokenType: 'bearer'; expiresIn: number; refreshToken: string }
