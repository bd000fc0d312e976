import { bookEntryDueBy, type HouseAccount } from '@countinghouse/shared/contracts/books'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'

/** What a step does to accounts of the house: above zero a debit, below zero a credit. */
export type Sides = { readonly [Account in HouseAccount]?: bigint }

export type BookStep = {
  document: { kind: string; id: string }
  step: string
  currency: string
  sides: Sides
  description: string
  at: Date
}

const contract = bookEntryDueBy('inventory-service')

/** What the books are told of a step of a document; nothing when no account changes. */
export const toBookEntries = ({ document, sides, description, at, ...step }: BookStep): Envelope[] => {
  const lines = (Object.entries(sides) as [HouseAccount, bigint][])
    .filter(([, debitMinor]) => debitMinor !== 0n)
    .map(([account, debitMinor]) => ({
      account,
      side: debitMinor > 0n ? ('debit' as const) : ('credit' as const),
      amount_minor: debitMinor > 0n ? debitMinor : -debitMinor,
    }))
  if (lines.length === 0) return []
  const entry = { document, ...step, lines, description: description.slice(0, 500), occurred_at: at.toISOString() }
  return [newEvent(contract, document.id, entry)]
}
