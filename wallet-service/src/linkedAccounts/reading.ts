import { askTogether, createCache, type CacheOptions } from '@countinghouse/shared/cache'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { findKind } from './domain/kinds.js'
import { netWorthOf } from './domain/netWorth.js'
import { findAccountsOf, findVersions } from './store/accounts.js'
import { toListedAccount, toWorthView } from './views.js'

/** The answers about a user's accounts, as JSON. */
export interface AccountReader {
  accounts(userId: string, type: string | undefined): Promise<string>
  netWorth(userId: string): Promise<string>
}

const KEPT_FOR_SECONDS = 600

/**
 * Reads through Redis, and is never older than the last commit: MongoDB is asked each time for the version of the user's
 * accounts, in one question for all who read at the moment, and what Redis keeps is named by version. So every variant of
 * an answer is out of date at once, whatever becomes of Redis.
 */
export const createAccountReader = ({ db, redis }: { db: Connection; redis: CacheOptions['redis'] }): AccountReader => {
  const cache = createCache({ redis, name: 'linked-accounts', database: db.name, ttlSeconds: KEPT_FOR_SECONDS })
  const versionOf = askTogether((userIds) => findVersions(db, userIds))
  const through = async (userId: string, variant: string, make: () => Promise<string>): Promise<string> => {
    const version = await versionOf(userId)
    return version === undefined ? make() : cache.through(`${userId}:${version.toString()}:${variant}`, make)
  }
  const accountsOf = askTogether((userIds) => findAccountsOf(readsOn(db), userIds))
  const load = async (userId: string) => (await accountsOf(userId)) ?? []
  return {
    accounts: async (userId, type) => {
      // Not cached, or whoever invents types would fill Redis.
      if (type !== undefined && !findKind(type)) return JSON.stringify({ userId, accounts: [] })
      return through(userId, `type=${type ?? ''}`, async () => {
        const accounts = (await load(userId)).filter((account) => type === undefined || account.type === type)
        return JSON.stringify({ userId, accounts: accounts.map(toListedAccount) })
      })
    },
    netWorth: (userId) =>
      through(userId, 'net-worth', async () => {
        const currencies = netWorthOf(await load(userId)).map(toWorthView)
        return JSON.stringify({ userId, currencies })
      }),
  }
}
