import { z } from 'zod'
import { defineEvent } from '../messaging/event.js'

export const ROLES = ['admin', 'staff', 'viewer', 'vendor', 'customer'] as const
export type Role = (typeof ROLES)[number]

/** A user exists from now on; customers and vendors get a wallet by it. */
export const userRegistered = defineEvent(
  'user.registered',
  1,
  'auth-service',
  z.object({
    user_id: z.string(),
    email: z.string(),
    username: z.string(),
    role: z.enum(ROLES),
    first_name: z.string().nullable(),
    last_name: z.string().nullable(),
    phone: z.string().nullable(),
  }),
)
