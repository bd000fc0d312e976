import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { KEY_STATUSES, type SigningKey } from './domain.js'

export const signingKeys = defineCollection<SigningKey>(
  'signing_keys',
  {
    status: { type: String, enum: KEY_STATUSES, required: true },
    publicKey: { type: String, required: true },
    sealedPrivateKey: { type: String, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: Date,
  },
  {
    indexes: [
      { fields: { status: 1 }, options: { unique: true, partialFilterExpression: { status: 'active' } } },
      {
        fields: { status: 1 },
        options: { name: 'one_next', unique: true, partialFilterExpression: { status: 'next' } },
      },
      { fields: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
    ],
  },
)

export const findKey = (reads: Reads, status: 'active' | 'next') => reads.findOne(signingKeys, { status })

export const findKeyById = (reads: Reads, id: string) => reads.findOne(signingKeys, { _id: id })

/** Those that tokens may be signed with now, soon, or were. */
export const listPublishedKeys = (reads: Reads, now: Date) =>
  reads.find(signingKeys, { $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] }, { sort: { _id: 1 } })

export const insertKey = (tx: Tx, key: SigningKey): Promise<void> => tx.insert(signingKeys, key)

export const replaceKey = (tx: Tx, key: SigningKey): Promise<void> => tx.replace(signingKeys, key)
