import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../errors.js'
import { houseAccountId } from '../ledger/chart.js'
import type { Account, Entry, Posted } from '../ledger/domain.js'
import { walletEvents } from '../ledger/events.js'
import type { Ledger } from '../ledger/ledger.js'
import type { WalletBook } from '../ledger/walletFacts.js'
import { cashEntry, type CashDirection } from './domain.js'

export type Deps = { ledger: Ledger; wallets: WalletBook }
export type CashMovement = { walletId: string; amountMinor: bigint; direction: CashDirection; actor: string }
export type Moved = { entry: Entry; wallet: Account }

/** Moves money between the house's bank account and a wallet. */
export const moveCash = async (
  { ledger, wallets }: Deps,
  movement: CashMovement,
  companions: (moved: Moved) => CompanionWrite[],
): Promise<Moved> => {
  const wallet = (await wallets.find([movement.walletId])).get(movement.walletId)
  if (!wallet) throw refuse('wallet_not_found', { wallet_id: movement.walletId })
  const toMoved = ({ entries: [entry], accounts }: Posted): Moved => {
    const moved = accounts.get(movement.walletId)
    if (!entry || !moved) throw new Error('The ledger answered without an entry')
    return { entry, wallet: moved }
  }
  const draft = cashEntry({ ...movement, entryId: uuidv7(), bankId: houseAccountId('bank', wallet.currency) })
  return toMoved(
    await ledger.submit({ drafts: [draft], events: walletEvents, companions: (posted) => companions(toMoved(posted)) }),
  )
}
