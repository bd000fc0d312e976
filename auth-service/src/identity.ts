import type { Role } from '@countinghouse/shared/contracts/auth'

/** What may be known about a user: all but what proves who they are. */
export type Profile = {
  _id: string
  email: string
  emailVerified: boolean
  username: string
  role: Role
  firstName: string | null
  lastName: string | null
  phone: string | null
  address: string | null
  version: number
  createdAt: Date
  updatedAt: Date
}

/** What a login gives. */
export type Tokens = { accessToken: string; tokenType: 'bearer'; expiresIn: number }
