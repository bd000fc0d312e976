import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse } from './errors.js'
import { hashOf, newSecret } from './secrets.js'

const PURPOSES = ['verify_email', 'reset_password'] as const
type Purpose = (typeof PURPOSES)[number]

/** A secret that went out by mail: who brings it reads the mail of that address. A user has one for each purpose. */
export type MailedToken = {
  _id: string
  purpose: Purpose
  userId: string
  email: string
  hash: string
  issuedAt: Date
  expiresAt: Date
}

export const mailedTokens = defineCollection<MailedToken>(
  'mailed_tokens',
  {
    purpose: { type: String, enum: PURPOSES, required: true },
    userId: { type: String, required: true },
    email: { type: String, required: true },
    hash: { type: String, required: true },
    issuedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  },
  {
    indexes: [
      { fields: { hash: 1 }, options: { unique: true } },
      { fields: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
    ],
  },
)

const MAILS_APART_MS = 60_000

type Holder = { purpose: Purpose; userId: string; email: string; lifeMs: number }

/** A new token, which replaces the earlier one; none when that went to the same address a moment ago. */
export const issueMailedToken = async (tx: Tx, holder: Holder, now: Date): Promise<string | undefined> => {
  const { lifeMs, ...token } = holder
  const _id = idOf(holder)
  const earlier = await tx.findOne(mailedTokens, { _id })
  if (earlier?.email === holder.email && earlier.issuedAt.getTime() > now.getTime() - MAILS_APART_MS) return undefined
  const secret = newSecret()
  const expiresAt = new Date(now.getTime() + lifeMs)
  await tx.replace(mailedTokens, { _id, ...token, hash: hashOf(secret), issuedAt: now, expiresAt })
  return secret
}

/** The token behind the secret; refuses one that is unknown, used, replaced or too old. */
export const findMailedToken = async (
  reads: Reads,
  purpose: Purpose,
  secret: string,
  now: Date,
): Promise<MailedToken> => {
  const token = await reads.findOne(mailedTokens, { hash: hashOf(secret), purpose })
  if (!token || token.expiresAt <= now) throw refuse('mailed_token_invalid')
  return token
}

/** The same, and the token is used up. */
export const takeMailedToken = async (tx: Tx, purpose: Purpose, secret: string, now: Date): Promise<MailedToken> => {
  const token = await findMailedToken(tx, purpose, secret, now)
  await dropMailedToken(tx, token)
  return token
}

export const dropMailedToken = async (tx: Tx, token: { purpose: Purpose; userId: string }): Promise<void> => {
  await tx.remove(mailedTokens, { _id: idOf(token) })
}

const idOf = ({ purpose, userId }: { purpose: Purpose; userId: string }): string => `${purpose}:${userId}`
