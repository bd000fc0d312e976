import { walletOpened } from '@countinghouse/shared/contracts/wallet'
import { newEvent } from '@countinghouse/shared/messaging/event'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../errors.js'
import type { Account } from '../ledger/domain.js'
import { findWallet, findWalletOf, insertWallet } from '../ledger/store.js'

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
