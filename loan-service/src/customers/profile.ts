import type { ServiceClient } from '@countinghouse/shared/http/client'
import { z } from 'zod'

const name = z
  .string()
  .nullish()
  .transform((text) => text ?? null)

const Me = z.object({
  email: z.string(),
  email_verified: z.boolean().default(false),
  first_name: name,
  last_name: name,
  phone: name,
})

/** What auth-service knows of a user that a customer record begins with. */
export type Profile = z.output<typeof Me>

/** Asks auth-service who the caller is, with the caller's own token. */
export const askWhoIs = (auth: ServiceClient, authorization: string | undefined): Promise<Profile> =>
  auth.call({ path: '/auth/me', ...(authorization !== undefined && { authorization }) }, Me)
