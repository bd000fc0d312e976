import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import type { Account, KnownWallets, WalletFacts } from './domain.js'
import { findWallets } from './find.js'
import { findWalletOf } from './store.js'

/** The facts of wallets, remembered: whoever only asks whose a wallet is need not ask the database twice. */
export interface WalletBook {
  /** Those of these ids that are wallets, by id. */
  find(ids: readonly string[]): Promise<KnownWallets>
  findOf(ownerId: string, currency: string): Promise<WalletFacts | undefined>
}

const REMEMBERED_MAX = 200_000

export const createWalletBook = (db: Connection): WalletBook => {
  const byId = new Map<string, WalletFacts>()
  const byOwner = new Map<string, WalletFacts>()
  const ownerKey = (ownerId: string | null, currency: string) => `${currency}:${ownerId ?? ''}`
  const remember = ({ _id, ownerId, currency }: Account): void => {
    if (byId.size >= REMEMBERED_MAX) for (const memory of [byId, byOwner]) memory.clear()
    const facts = { _id, ownerId, currency }
    byId.set(_id, facts)
    byOwner.set(ownerKey(ownerId, currency), facts)
  }
  return {
    find: async (ids) => {
      const missing = ids.filter((id) => !byId.has(id))
      if (missing.length > 0) for (const wallet of (await findWallets(readsOn(db), missing)).values()) remember(wallet)
      return new Map(ids.flatMap((id) => byId.get(id) ?? []).map((facts) => [facts._id, facts]))
    },
    findOf: async (ownerId, currency) => {
      const key = ownerKey(ownerId, currency)
      const found = byOwner.has(key) ? undefined : await findWalletOf(readsOn(db), ownerId, currency)
      if (found) remember(found)
      return byOwner.get(key)
    },
  }
}
