import { randomUUID } from 'node:crypto'
import type { Connection } from 'mongoose'
import { defineCollection } from './collection.js'
import { native } from './transaction.js'

type LeaseDocument = { _id: string; holder: string; fence: number; expiresAt: Date }

export const leases = defineCollection<LeaseDocument>('leases', {
  holder: { type: String, required: true },
  fence: { type: Number, required: true },
  expiresAt: { type: Date, required: true },
})

export type Lease = {
  /** Keeps it, writing only when a third of its time is gone; false when someone else has taken it. */
  renew(): Promise<boolean>
  release(): Promise<void>
}

/** Takes a named lease when it is free or has run out by the database's clock; undefined when someone else holds it. */
export const acquireLease = async (db: Connection, name: string, ttlMs: number): Promise<Lease | undefined> => {
  const holder = randomUUID()
  const hold = () => tryToHold(db, { name, holder, ttlMs })
  if (!(await hold())) return undefined
  let heldAt = performance.now()
  return {
    renew: async () => {
      if (performance.now() - heldAt < ttlMs / 3) return true
      const askedAt = performance.now()
      const held = await hold()
      if (held) heldAt = askedAt
      return held
    },
    release: async () => {
      await native(db, leases).updateOne({ _id: name, holder }, { $set: { expiresAt: new Date(0) } })
    },
  }
}

type Claim = { name: string; holder: string; ttlMs: number }

// `$$NOW` is the database's clock, so that a process whose clock is off can neither steal a lease nor overstay one.
const tryToHold = async (db: Connection, { name, holder, ttlMs }: Claim): Promise<boolean> => {
  const mine = { $eq: ['$holder', holder] }
  const free = { $or: [mine, { $lte: [{ $ifNull: ['$expiresAt', new Date(0)] }, '$$NOW'] }] }
  const claim = {
    holder: { $cond: [free, holder, '$holder'] },
    fence: { $add: [{ $ifNull: ['$fence', 0] }, { $cond: [{ $and: [free, { $not: mine }] }, 1, 0] }] },
    expiresAt: { $cond: [free, { $add: ['$$NOW', ttlMs] }, '$expiresAt'] },
  }
  try {
    const options = { upsert: true, returnDocument: 'after' } as const
    const lease = await native(db, leases).findOneAndUpdate({ _id: name }, [{ $set: claim }], options)
    return lease?.holder === holder
  } catch (error) {
    if (isDuplicateKey(error)) return false
    throw error
  }
}

/** True for MongoDB's E11000: a document with this unique key exists. */
export const isDuplicateKey = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 11000

/** A lease that is kept for as long as there is work for it. */
export interface KeptLease {
  /** True when it is ours, from now until its time to live is over. */
  hold(): Promise<boolean>
  release(): Promise<void>
}

/** Renews a lease that is held, or takes it when nobody else does. */
export const keepLease = (db: Connection, name: string, ttlMs: number): KeptLease => {
  let lease: Lease | undefined
  return {
    hold: async () => {
      if (await lease?.renew()) return true
      lease = await acquireLease(db, name, ttlMs)
      return lease !== undefined
    },
    release: async () => {
      await lease?.release().catch(() => undefined)
    },
  }
}
