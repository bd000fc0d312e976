import { registrationOf } from '@countinghouse/shared/testing/events'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvents } from '@countinghouse/shared/testing/publish'
import type { Connection } from 'mongoose'
import { openCaller } from './caller.js'
import type { Ground, Service } from './ground.js'

export type Bank = Ground & {
  db: Connection
  /** Opens funded wallets, by event and by the API. */
  openWallets(service: Service, count: number): Promise<string[]>
}

/** wallet-service as real processes on a database of their own. */
export const openBank = async (ground: Ground): Promise<Bank> => {
  const db = await ground.databaseOf('wallet-service')
  return { ...ground, db, openWallets: (service, count) => openWallets({ ground, db, service, count }) }
}

type Opening = { ground: Ground; db: Connection; service: Service; count: number }

const openWallets = async ({ ground, db, service, count }: Opening): Promise<string[]> => {
  const userIds = Array.from({ length: count }, (_, index) => `bench-user-${index}`)
  await publishEvents(
    ground.rabbitmqUrl,
    userIds.map((userId) => registrationOf(userId)),
  )
  const wallets = await eventually(async () => {
    const found = await db.collection<{ _id: string }>('accounts').find({ kind: 'wallet' }).toArray()
    if (found.length < count) throw new Error('wallets are still being opened')
    return found
  }, 120_000)
  const caller = openCaller(service.url, 50, ground.tokens.userToken('admin'))
  const credit = (wallet_id: string) => caller.call('POST', '/wallet/credit', { wallet_id, amount: 1_000_000 })
  await Promise.all(wallets.map(({ _id }) => credit(_id)))
  await caller.close()
  return wallets.map(({ _id }) => _id)
}
