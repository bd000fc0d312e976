import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { registrationOf } from '@countinghouse/shared/testing/events'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import type { TestService } from '@countinghouse/shared/testing/service'
import type { Account, AccountStatus } from '../ledger/domain.js'
import { accounts, findWalletOf } from '../ledger/store.js'

/** The wallet of a user in the default currency; throws while there is none. */
export const walletOf = async ({ db }: TestService, userId: string): Promise<Account> => {
  const wallet = await findWalletOf(readsOn(db), userId, 'USD')
  if (!wallet) throw new Error(`${userId} has no wallet`)
  return wallet
}

/** Registers a user by event and waits for the wallet that follows. */
export const openedWallet = async (service: TestService, userId: string): Promise<Account> => {
  await publishEvent(service.rabbitmqUrl, registrationOf(userId))
  return eventually(() => walletOf(service, userId))
}

export const setStatus = (service: TestService, walletId: string, status: AccountStatus) =>
  inTransaction(service.db, (tx) => tx.update(accounts, { _id: walletId }, { $set: { status }, $inc: { version: 1 } }))
