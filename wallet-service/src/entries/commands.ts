import { readAmount } from '@countinghouse/shared/http/fields'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { parseHouseAccountId } from '../ledger/chart.js'
import type { Accounts, Posted, Side } from '../ledger/domain.js'
import type { Ledger } from '../ledger/ledger.js'
import { findWallets } from '../ledger/find.js'
import { handEntry } from './domain.js'

export type Deps = { db: Connection; ledger: Ledger }
export type AskedEntry = {
  postings: readonly { account_id: string; side: Side; amount: number | string }[]
  description: string
  actor: string
}

/** Enters by hand what no other operation does. */
export const enterByHand = async (
  { db, ledger }: Deps,
  { postings: asked, description, actor }: AskedEntry,
  companions: (posted: Posted) => CompanionWrite[],
): Promise<Posted> => {
  const wallets = await findWallets(readsOn(db), [...new Set(asked.map(({ account_id }) => account_id))])
  const postings = asked.map(({ account_id: accountId, side, amount }, index) => {
    const currency = currencyIn(wallets, accountId)
    return {
      accountId,
      side,
      currency,
      amountMinor: readAmount(amount, currency, ['body', 'postings', index, 'amount']),
    }
  })
  return ledger.submit({ drafts: [handEntry(postings, description, { entryId: uuidv7(), actor })], companions })
}

const currencyIn = (wallets: Accounts, accountId: string): string => {
  const currency = (wallets.get(accountId) ?? parseHouseAccountId(accountId))?.currency
  if (currency === undefined || !/^[A-Z]{3}$/.test(currency))
    throw refuse('account_not_found', { account_id: accountId })
  return currency
}
