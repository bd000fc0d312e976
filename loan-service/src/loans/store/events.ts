import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import type { LoanEvent } from '../../engine/events.js'
import { toEvent, type LoanEventRow } from '../domain/fact.js'

export const loanEvents = defineCollection<LoanEventRow>(
  'loan_events',
  {
    loanId: { type: String, required: true },
    sequence: { type: Number, required: true },
    on: { type: String, required: true },
    happening: { type: Object, required: true },
    key: { type: String, required: true },
    actor: { type: String, required: true },
    reason: String,
    recordedAt: { type: Date, required: true },
  },
  {
    indexes: [
      { fields: { loanId: 1, sequence: 1 }, options: { unique: true } },
      { fields: { loanId: 1, key: 1 }, options: { unique: true } },
    ],
  },
)

const findEventRows = (reads: Reads, loanId: string): Promise<LoanEventRow[]> =>
  reads.find(loanEvents, { loanId }, { sort: { sequence: 1 } })

export const findEvents = async (reads: Reads, loanId: string): Promise<LoanEvent[]> =>
  (await findEventRows(reads, loanId)).map(toEvent)

/** The events of several loans, by loan. */
export const findEventsOf = async (
  reads: Reads,
  loanIds: readonly string[],
): Promise<ReadonlyMap<string, LoanEvent[]>> => {
  const events = new Map<string, LoanEvent[]>()
  if (loanIds.length === 0) return events
  const rows = await reads.find(loanEvents, { loanId: { $in: [...loanIds] } }, { sort: { loanId: 1, sequence: 1 } })
  for (const row of rows) events.set(row.loanId, [...(events.get(row.loanId) ?? []), toEvent(row)])
  return events
}

export const insertEvent = (tx: Tx, row: LoanEventRow): Promise<void> => tx.insert(loanEvents, row)
