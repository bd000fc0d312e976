import { walletClosed, walletFrozen, walletUnfrozen } from '@countinghouse/shared/contracts/wallet'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import type { Account } from '../ledger/domain.js'
import type { WalletAction } from './domain.js'

const CONTRACTS = { freeze: walletFrozen, unfreeze: walletUnfrozen, close: walletClosed }

/** What an action on a wallet announces. */
export const statusChanged = (wallet: Account, action: WalletAction, reason: string, now: Date): Envelope =>
  newEvent(CONTRACTS[action], wallet._id, {
    wallet_id: wallet._id,
    user_id: wallet.ownerId ?? '',
    reason,
    changed_at: now.toISOString(),
  })
