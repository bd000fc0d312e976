import type { Caller } from '@countinghouse/shared/http/caller'
import type { Account } from './domain.js'
import { toWalletView } from './walletView.js'

/** The user to whose wallets a caller is bound; undefined for the house's people and services, who see all. */
export const boundTo = (caller: Caller): string | undefined =>
  caller.kind === 'user' && (caller.role === 'customer' || caller.role === 'vendor') ? caller.userId : undefined

/** True when the wallet is none of this user's; to the owner of another wallet it does not exist. */
export const isForeign = ({ ownerId }: Account, userId: string | undefined): boolean =>
  userId !== undefined && ownerId !== userId

/** The wallets of these accounts that the caller may see, as the write left them. */
export const visibleWallets = (caller: Caller, accounts: Iterable<Account>) =>
  [...accounts].filter((account) => account.kind === 'wallet' && !isForeign(account, boundTo(caller))).map(toWalletView)
