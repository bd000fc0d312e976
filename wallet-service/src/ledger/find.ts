import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { Accounts } from './domain.js'
import { accounts, entries } from './store.js'

/** Those of these ids that are wallets, by id. */
export const findWallets = async (reads: Reads, ids: readonly string[]): Promise<Accounts> => {
  const found = await reads.find(accounts, { _id: { $in: [...ids] }, kind: 'wallet' })
  return new Map(found.map((wallet) => [wallet._id, wallet]))
}

export const findEntry = (reads: Reads, id: string) => reads.findOne(entries, { _id: id })
