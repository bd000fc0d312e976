import { refuse } from '../errors.js'
import type { Account, AccountStatus } from '../ledger/domain.js'

export type WalletAction = 'freeze' | 'unfreeze' | 'close'

/** The status that an action gives a wallet; refuses one that does not fit the wallet as it is. */
export const decideStatus = (wallet: Account, action: WalletAction): AccountStatus => {
  const context = { wallet_id: wallet._id }
  if (wallet.status === 'closed') throw refuse('wallet_closed', context)
  switch (action) {
    case 'freeze':
      if (wallet.status === 'frozen') throw refuse('wallet_frozen', context)
      return 'frozen'
    case 'unfreeze':
      if (wallet.status !== 'frozen') throw refuse('wallet_not_frozen', context)
      return 'open'
    case 'close':
      if (!isEmpty(wallet)) throw refuse('wallet_not_empty', context)
      return 'closed'
  }
}

// What is held for it counts too: a hold that could not be let go would bind its payer for ever.
const isEmpty = ({ postedMinor, pendingInMinor, pendingOutMinor }: Account): boolean =>
  postedMinor === 0n && pendingInMinor === 0n && pendingOutMinor === 0n
