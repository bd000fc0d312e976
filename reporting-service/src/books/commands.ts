import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { accountNameOf } from './domain.js'
import { addToQuarters, insertEntry, type BookEntry, type BookQuarter } from './store.js'

const QUARTER_MS = 15 * 60_000

/** Notes an entry of the ledger, once for ever, and adds it to what its accounts moved. */
export const noteEntry = async (tx: Tx, entry: BookEntry): Promise<void> => {
  if (await insertEntry(tx, entry)) await addToQuarters(tx, quartersOf(entry))
}

const quartersOf = ({ at, about, postings }: BookEntry): BookQuarter[] => {
  const quarter = new Date(Math.floor(at.getTime() / QUARTER_MS) * QUARTER_MS)
  const changes = new Map<string, BookQuarter>()
  for (const posting of postings) {
    const [account, { currency }] = [accountNameOf(posting.account), posting]
    const _id = [account, currency, about, quarter.toISOString()].join(' ')
    const change = changes.get(_id) ?? { _id, account, currency, about, at: quarter, debitMinor: 0n, creditMinor: 0n }
    changes.set(_id, change)
    change[posting.side === 'debit' ? 'debitMinor' : 'creditMinor'] += posting.amountMinor
  }
  return [...changes.values()]
}
