import { readAmount } from '@countinghouse/shared/http/fields'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn, type Reads } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { parseHouseAccountId } from '../ledger/chart.js'
import type { Posted, Side } from '../ledger/domain.js'
import { walletEvents } from '../ledger/events.js'
import type { Ledger } from '../ledger/ledger.js'
import { findWallet, findWalletOf } from '../ledger/store.js'
import { orderedEntry, type Leg, type Order } from './domain.js'

export type Deps = { db: Connection; ledger: Ledger }

/** An account by its id, or the wallet of a user in a currency. */
type AskedAccount = { account_id?: string | undefined; user_id?: string | undefined; currency?: string | undefined }
type AskedLeg = AskedAccount & { side: Side; amount: number | string }
export type AskedEntry = Omit<Order, 'legs'> & { postings: readonly AskedLeg[]; actor: string }

/** Enters what no other operation does: by hand, or for another service once for each of its facts. */
export const enter = async (
  { db, ledger }: Deps,
  { postings, actor, ...order }: AskedEntry,
  companions: (posted: Posted) => CompanionWrite[],
): Promise<Posted> => {
  const reads = readsOn(db)
  const legs = await Promise.all(postings.map((posting, index) => toLeg(reads, posting, index)))
  const draft = orderedEntry({ ...order, legs }, { entryId: uuidv7(), actor })
  return ledger.submit({ drafts: [draft], companions, ...(order.fact && { events: walletEvents }) })
}

const toLeg = async (reads: Reads, { side, amount, ...account }: AskedLeg, index: number): Promise<Leg> => {
  const { accountId, currency } = await findAccount(reads, account)
  const amountMinor = readAmount(amount, currency, ['body', 'postings', index, 'amount'])
  return { accountId, side, amountMinor, currency }
}

const findAccount = async (reads: Reads, { account_id: accountId, user_id, currency = '' }: AskedAccount) => {
  if (accountId === undefined) {
    const wallet = await findWalletOf(reads, user_id ?? '', currency)
    if (!wallet) throw refuse('wallet_not_found', { user_id, currency })
    return { accountId: wallet._id, currency }
  }
  const found = parseHouseAccountId(accountId) ?? (await findWallet(reads, accountId))
  if (!found) throw refuse('account_not_found', { account_id: accountId })
  return { accountId, currency: found.currency }
}
