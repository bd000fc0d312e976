import { isTextBetween } from '@countinghouse/shared/mongo/partial'
import { native } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { houseAccountId } from '../ledger/chart.js'
import type { Entry } from '../ledger/domain.js'
import { accounts, entries } from '../ledger/store.js'
import type { Side } from './domain.js'

const AT_PROVIDER = houseAccountId('payment_provider', '')
const IN_CLEARING = houseAccountId('clearing', '')

/** The accounts that say what the provider has for us, one in each currency. */
const findProviderAccounts = async (db: Connection): Promise<string[]> => {
  const found = await native(db, accounts)
    .find({ _id: { $gte: AT_PROVIDER, $lt: `${AT_PROVIDER}\uffff` } })
    .toArray()
  return found.map(({ _id }) => _id)
}

export type BookedEntry = { entryId: string; key: string | null; side: Side }

/** Entries that move money at the provider, within a time. */
export async function* entriesBetween(db: Connection, from: Date, until: Date): AsyncGenerator<BookedEntry> {
  const moved = { 'postings.accountId': { $in: await findProviderAccounts(db) } }
  const newestFirst = native(db, entries).find(moved).sort({ height: -1, index: -1 })
  for await (const entry of newestFirst) {
    if (entry.postedAt < from) return
    if (entry.postedAt < until) yield toBooked(entry)
  }
}

/** All entries about one charge, refund, dispute or payout. */
export const entriesOf = async (db: Connection, sourceId: string): Promise<BookedEntry[]> => {
  const prefix = `provider:${sourceId}:`
  const found = await native(db, entries)
    .find({ key: isTextBetween(prefix, `${prefix}\uffff`) })
    .toArray()
  return found.map(toBooked)
}

/** What of a sent amount stands in the clearing account. */
export const standingInClearing = async (db: Connection, sentId: string): Promise<bigint> => {
  const found = await native(db, entries).find({ 'reference.id': sentId }).toArray()
  return found
    .flatMap(({ postings }) => postings.filter(({ accountId }) => accountId.startsWith(IN_CLEARING)))
    .reduce((sum, { side, amountMinor }) => sum + (side === 'credit' ? amountMinor : -amountMinor), 0n)
}

const toBooked = ({ _id, key, kind, postings, postedAt }: Entry): BookedEntry => {
  const own = postings.filter(({ accountId }) => accountId.startsWith(AT_PROVIDER))
  const netMinor = own.reduce((sum, { side, amountMinor }) => sum + (side === 'debit' ? amountMinor : -amountMinor), 0n)
  return { entryId: _id, key, side: { netMinor, currency: own[0]?.currency ?? '', at: postedAt, what: kind } }
}
