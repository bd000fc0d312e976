import { REVOCATION_KINDS, type RevocationKind } from '@countinghouse/shared/contracts/revocation'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { createRevocation, type Revocation } from './domain.js'

export const revocations = defineCollection<Revocation>(
  'revocations',
  {
    kind: { type: String, enum: REVOCATION_KINDS, required: true },
    subject: { type: String, required: true },
    revokedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } }] },
)

export type InsertRevocation = (tx: Tx, kind: RevocationKind, subject: string) => Promise<void>

/** Ends access tokens everywhere within a second of the commit; `accessSeconds` is how long they live. */
export const createInsertRevocation =
  ({ accessSeconds, now }: { accessSeconds: number; now: () => Date }): InsertRevocation =>
  (tx, kind, subject) =>
    tx.insert(revocations, createRevocation({ id: uuidv7(), kind, subject, accessSeconds }, now()))

/** Those after the id, in the order of their ids. */
export const listRevocations = (reads: Reads, after: string, limit: number): Promise<Revocation[]> =>
  reads.find(revocations, { _id: { $gt: after } }, { sort: { _id: 1 }, limit })
