import { z } from 'zod'

/**
 * What an end is of: one session; all sessions of a user that began before it; the same because the user is
 * deactivated or deleted; an API key; a key that signs, with all that it has signed.
 */
export const REVOCATION_KINDS = ['session', 'user', 'user_gone', 'api_key', 'signing_key'] as const
export type RevocationKind = (typeof REVOCATION_KINDS)[number]

export const REVOCATIONS_CHANNEL = 'countinghouse:revocations'
export const REVOCATIONS_PATH = '/auth/revocations'

/** One end of tokens, as auth-service tells it to every process. Its id sorts among the ids of sessions by time. */
export const RevocationNotice = z.object({
  id: z.string(),
  kind: z.enum(REVOCATION_KINDS),
  subject: z.string(),
  /** From then on every access token that it concerns has run out by itself. */
  expires_at: z.iso.datetime(),
})
export type RevocationNotice = z.infer<typeof RevocationNotice>

/** An answer of the list: what follows the `after` of the question, and the `after` of the next one. */
export const RevocationPage = z.object({ revocations: z.array(RevocationNotice), next: z.string(), more: z.boolean() })
