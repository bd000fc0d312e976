import { z } from 'zod'
import { createServiceClient } from '../http/client.js'

/** Answers the address of the user whose token is given; null when nobody can tell now, for no effect fails for want of a mail. */
export const createEmailOf = (authUrl: string): ((authorization: string | undefined) => Promise<string | null>) => {
  const auth = createServiceClient('auth-service', authUrl)
  return async (authorization) => {
    if (authorization === undefined) return null
    const me = auth.call({ path: '/auth/me', authorization }, z.object({ email: z.string() }))
    return me.then(({ email }) => email).catch(() => null)
  }
}
