import type { HouseAccount } from '@countinghouse/shared/contracts/books'
import { houseAccountId } from '../ledger/chart.js'
import { namesOf, type Fact } from '../ledger/documents.js'
import type { Entry, EntryDraft, Side } from '../ledger/domain.js'

/** An entry that another service's document is due for. */
export type DueEntry = Fact & {
  currency: string
  lines: readonly { account: HouseAccount; side: Side; amountMinor: bigint }[]
  description: string
  actor: string
}

export const dueEntry = (due: DueEntry, entryId: string): EntryDraft => ({
  entryId,
  ...namesOf(due),
  actor: due.actor,
  description: due.description,
  postings: postingsOf(due),
})

const postingsOf = ({ lines, currency }: DueEntry) =>
  lines.map(({ account, side, amountMinor }) => ({ accountId: houseAccountId(account, currency), side, amountMinor }))

/** True when an entry in the books says what is due, line by line. */
export const saysTheSame = ({ postings }: Entry, due: DueEntry): boolean => {
  const wanted = postingsOf(due)
  return (
    postings.length === wanted.length &&
    postings.every(({ accountId, side, amountMinor }, index) => {
      const line = wanted[index]
      return line?.accountId === accountId && line.side === side && line.amountMinor === amountMinor
    })
  )
}
