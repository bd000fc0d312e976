import { walletOpened } from '@countinghouse/shared/contracts/wallet'
import { newEvent } from '@countinghouse/shared/messaging/event'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../errors.js'
import type { Account } from '../ledger/domain.js'
import { accounts, findWallet, findWalletOf, insertWallet } from '../ledger/store.js'
import { decideStatus, type WalletAction } from './domain.js'
import { statusChanged } from './events.js'

/** Opens a user's wallet; a user who has one in this currency keeps it. */
export const openWallet = async (
  tx: Tx,
  { userId, currency }: { userId: string; currency: string },
  now: Date,
): Promise<void> => {
  const id = uuidv7()
  if (!(await insertWallet(tx, { id, ownerId: userId, currency }, now))) return
  await addToOutbox(tx, newEvent(walletOpened, id, { wallet_id: id, user_id: userId, currency }))
}

export const getWallet = async (reads: Reads, id: string): Promise<Account> => {
  const wallet = await findWallet(reads, id)
  if (!wallet) throw refuse('wallet_not_found', { wallet_id: id })
  return wallet
}

export const getWalletOf = async (reads: Reads, userId: string, currency: string): Promise<Account> => {
  const wallet = await findWalletOf(reads, userId, currency)
  if (!wallet) throw refuse('wallet_not_found', { user_id: userId, currency })
  return wallet
}

export type StatusChange = { id: string; action: WalletAction; reason: string }

/** Freezes, unfreezes or closes a wallet, and says so. */
export const changeStatus = async (tx: Tx, { id, action, reason }: StatusChange, now: Date): Promise<Account> => {
  const wallet = await getWallet(tx, id)
  const changed = await saveWallet(tx, wallet, { status: decideStatus(wallet, action) })
  await addToOutbox(tx, statusChanged(wallet, action, reason, now))
  return changed
}

/** Limits what a wallet may hold; one that holds more already can only lose. */
export const limitBalance = async (tx: Tx, id: string, maxMinor: bigint | null): Promise<Account> => {
  const wallet = await getWallet(tx, id)
  if (wallet.status === 'closed') throw refuse('wallet_closed', { wallet_id: id })
  return saveWallet(tx, wallet, { postedCeilingMinor: maxMinor })
}

// The new version is how the ledger notices: an entry decided on the wallet as it was does not commit.
const saveWallet = async (tx: Tx, wallet: Account, changes: Partial<Account>): Promise<Account> => {
  const { _id, version } = wallet
  const changed = { ...changes, version: version + 1 }
  const matched = await tx.update(accounts, { _id, version }, { $set: changed })
  if (matched === 0) throw new Error(`The wallet ${_id} changed within a transaction`)
  return { ...wallet, ...changed }
}
