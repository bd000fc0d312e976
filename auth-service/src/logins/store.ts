import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import type { Failures } from './domain.js'

export const loginFailures = defineCollection<Failures>(
  'login_failures',
  {
    count: { type: Number, required: true },
    lastAt: { type: Date, required: true },
    delayedUntil: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } }] },
)

export const findFailures = (reads: Reads, ids: string[]) => reads.find(loginFailures, { _id: { $in: ids } })

export const replaceFailures = (tx: Tx, failures: Failures): Promise<void> => tx.replace(loginFailures, failures)

export const removeFailures = async (tx: Tx, ids: string[]): Promise<void> => {
  await tx.remove(loginFailures, { _id: { $in: ids } })
}
