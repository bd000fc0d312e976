import { queueMail } from '@countinghouse/shared/mail/outbox'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../errors.js'
import type { Profile } from '../identity.js'
import { issueMailedToken, takeMailedToken } from '../mailedTokens.js'
import type { AskToVerify } from '../ports.js'
import { emailVerified } from './events.js'
import { verificationMail } from './mails.js'

export type Deps = {
  now: () => Date
  appUrl: string | undefined
  /** Marks the address as verified while it is still the user's. */
  noteVerified: (tx: Tx, userId: string, email: string) => Promise<Profile | undefined>
}

const TOKEN_LIFE_MS = 3 * 24 * 3600 * 1000

/** Mails a token to an address that is not verified, at most one a minute. */
export const createAskToVerify =
  ({ now, appUrl }: Pick<Deps, 'now' | 'appUrl'>): AskToVerify =>
  async (tx, { _id, email, emailVerified: isVerified, username }) => {
    if (isVerified) return
    const holder = { purpose: 'verify_email', userId: _id, email, lifeMs: TOKEN_LIFE_MS } as const
    const token = await issueMailedToken(tx, holder, now())
    if (token !== undefined) await queueMail(tx, verificationMail({ to: email, name: username, token, appUrl }))
  }

export const verify = async (tx: Tx, { now, noteVerified }: Deps, secret: string): Promise<Profile> => {
  const { userId, email } = await takeMailedToken(tx, 'verify_email', secret, now())
  const user = await noteVerified(tx, userId, email)
  if (!user) throw refuse('mailed_token_invalid')
  await addToOutbox(tx, emailVerified(user))
  return user
}
