import { refuse } from '../errors.js'

export const KEY_STATUSES = ['active', 'next', 'retired'] as const

/**
 * A pair of keys; its id is the `kid` in tokens. One signs, the next is already published, those that were retired stay
 * published until what they signed has run out. The private key leaves this service by no way but its signatures.
 */
export type SigningKey = {
  _id: string
  status: (typeof KEY_STATUSES)[number]
  publicKey: string
  sealedPrivateKey: string
  createdAt: Date
  /** From when a retired key is no longer published. */
  expiresAt: Date | null
}

// Processes read the published keys anew every minute.
const PUBLISHED_BEFORE_USE_SECONDS = 120
// Replicas notice a rotation within seconds, and sign with the retired key until then.
const NOTICED_WITHIN_SECONDS = 600

/** Replaces a key that somebody may have stolen: it is published no more, and the next one needs no age to follow it. */
export const decideRevocation = (key: SigningKey, next: SigningKey, now: Date) => {
  const retired: SigningKey = { ...key, status: 'retired', expiresAt: now }
  const active: SigningKey | undefined = key.status === 'active' ? { ...next, status: 'active' } : undefined
  return { retired, active, needsNext: key.status !== 'retired' }
}

export type Rotation = { active: SigningKey; next: SigningKey; accessSeconds: number }

/** The active key retires and the next one takes its place; refuses a next key that processes may not know yet. */
export const decideRotation = ({ active, next, accessSeconds }: Rotation, now: Date) => {
  const publishedSeconds = Math.floor((now.getTime() - next.createdAt.getTime()) / 1000)
  if (publishedSeconds < PUBLISHED_BEFORE_USE_SECONDS)
    throw refuse('key_too_new', { seconds: PUBLISHED_BEFORE_USE_SECONDS - publishedSeconds })
  const expiresAt = new Date(now.getTime() + (accessSeconds + NOTICED_WITHIN_SECONDS) * 1000)
  return { retired: { ...active, status: 'retired', expiresAt }, active: { ...next, status: 'active' } } as const
}
