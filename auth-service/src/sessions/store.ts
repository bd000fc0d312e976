import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import type { Session } from './domain.js'

export const sessions = defineCollection<Session>(
  'sessions',
  {
    userId: { type: String, required: true },
    device: String,
    createdAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { userId: 1, _id: -1 } }] },
)

export const insertSession = (tx: Tx, session: Session): Promise<void> => tx.insert(sessions, session)
