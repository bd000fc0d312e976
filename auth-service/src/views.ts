import { ROLES } from '@countinghouse/shared/contracts/auth'
import { Id, Timestamp } from '@countinghouse/shared/http/fields'
import { toWire } from '@countinghouse/shared/http/wire'
import { z } from 'zod'
import { USER_STATUSES, type Profile } from './identity.js'

export const ProfileView = z.object({
  id: Id,
  email: z.string(),
  email_verified: z.boolean(),
  username: z.string(),
  role: z.enum(ROLES),
  status: z.enum(USER_STATUSES),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  phone: z.string().nullable(),
  address: z.string().nullable(),
  version: z.number(),
  created_at: Timestamp,
  updated_at: Timestamp,
  last_login_at: Timestamp.nullable(),
})

export const TokensView = z.object({
  access_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.number().int(),
  refresh_token: z.string(),
})

export const toProfileView = ({ _id, ...profile }: Profile) => ({ id: _id, ...toWire(profile) })

export const exampleProfile = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11',
  email: 'asha@example.com',
  email_verified: false,
  username: 'asha',
  role: 'customer',
  status: 'active',
  first_name: 'Asha',
  last_name: 'Rao',
  phone: '+91 98450 00000',
  address: '12 Mill Road, Bengaluru',
  version: 1,
  created_at: '2026-11-21T09:30:00.000Z',
  updated_at: '2026-11-21T09:30:00.000Z',
  last_login_at: '2026-11-21T09:30:00.000Z',
}

export const exampleTokens = {
  access_token: 'eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9…',
  token_type: 'bearer',
  expires_in: 3600,
  refresh_token: 'r4Qm0t0uV8mE1oB3xG7sT2yJ5kL9nP6aZcWdHfIqXvU',
}
