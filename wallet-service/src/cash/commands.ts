import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { houseAccountId } from '../ledger/chart.js'
import type { Account, Entry, Posted } from '../ledger/domain.js'
import { walletEvents } from '../ledger/events.js'
import type { Ledger } from '../ledger/ledger.js'
import { findWallet } from '../ledger/store.js'
import { cashEntry, type CashDirection } from './domain.js'

export type Deps = { db: Connection; ledger: Ledger }
export type CashMovement = { walletId: string; amountMinor: bigint; direction: CashDirection; actor: string }
export type Moved = { entry: Entry; wallet: Account }

/** Moves money between the house's bank account and a wallet. */
export const moveCash = async (
  { db, ledger }: Deps,
  movement: CashMovement,
  companions: (moved: Moved) => CompanionWrite[],
): Promise<Moved> => {
  const wallet = await findWallet(readsOn(db), movement.walletId)
  if (!wallet) throw refuse('wallet_not_found', { wallet_id: movement.walletId })
  const toMoved = ({ entries: [entry], accounts }: Posted): Moved => {
    if (!entry) throw new Error('The ledger answered without an entry')
    return { entry, wallet: accounts.get(wallet._id) ?? wallet }
  }
  const draft = cashEntry({ ...movement, entryId: uuidv7(), bankId: houseAccountId('bank', wallet.currency) })
  return toMoved(
    await ledger.submit({ drafts: [draft], events: walletEvents, companions: (posted) => companions(toMoved(posted)) }),
  )
}
