import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'

const SIGNING_KEY_STATUSES = ['active'] as const

/** A pair of keys; its id is the `kid` in tokens. The private key leaves this service by no way but its signatures. */
export type SigningKey = {
  _id: string
  status: (typeof SIGNING_KEY_STATUSES)[number]
  publicKey: string
  sealedPrivateKey: string
  createdAt: Date
}

export const signingKeys = defineCollection<SigningKey>(
  'signing_keys',
  {
    status: { type: String, enum: SIGNING_KEY_STATUSES, required: true },
    publicKey: { type: String, required: true },
    sealedPrivateKey: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { status: 1 }, options: { unique: true, partialFilterExpression: { status: 'active' } } }] },
)

export const findActiveKey = (reads: Reads) => reads.findOne(signingKeys, { status: 'active' })

export const listKeys = (reads: Reads) => reads.find(signingKeys, {}, { sort: { _id: 1 } })

export const insertKey = (tx: Tx, key: SigningKey): Promise<void> => tx.insert(signingKeys, key)
