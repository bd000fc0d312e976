import type { Role } from '@countinghouse/shared/contracts/auth'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import type { TestService } from '@countinghouse/shared/testing/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import request from 'supertest'
import { holds } from '../holds/store.js'
import { accounts, insertWallet } from '../ledger/store.js'

/** One caller of the service's API. */
export const clientOf = (service: TestService, token: string) => ({
  get: (path: string) =>
    request(service.url)
      .get(path)
      .set({ authorization: `Bearer ${token}` }),
  send: (method: 'post' | 'put' | 'patch', path: string, body: object = {}, key?: string) =>
    request(service.url)
      [method](path)
      .set({ authorization: `Bearer ${token}`, ...(key !== undefined && { 'idempotency-key': key }) })
      .send(body),
})

export const userClient = (service: TestService, role: Role, userId?: string) =>
  clientOf(service, service.tokens.userToken(role, userId))

/** Opens a wallet for a user, with money from the bank in it. */
export const fundedWallet = async (
  service: TestService,
  ownerId: string,
  amount = 0,
  currency = 'USD',
): Promise<string> => {
  const id = uuidv7()
  await inTransaction(service.db, (tx) => insertWallet(tx, { id, ownerId, currency }, new Date()))
  if (amount > 0) await userClient(service, 'admin').send('post', '/wallet/credit', { wallet_id: id, amount })
  return id
}

/** What is posted and what is available in a wallet, in minor units. */
export const balanceOf = async ({ db }: TestService, id: string) => {
  const account = await readsOn(db).findOne(accounts, { _id: id })
  if (!account) throw new Error(`There is no account ${id}`)
  const { postedMinor, pendingOutMinor, pendingInMinor } = account
  return {
    posted: postedMinor,
    available: postedMinor - pendingOutMinor,
    held: pendingOutMinor,
    coming: pendingInMinor,
  }
}

/** What must be true whatever was tried: each answer of it is empty, or zero. */
export const wrongInTheBooks = async ({ db }: TestService) => {
  const all = await readsOn(db).find(accounts, {})
  const pending = await readsOn(db).find(holds, { status: 'pending' })
  const held = (walletId: string) =>
    pending
      .filter((hold) => hold.walletId === walletId)
      .reduce((sum, { amountMinor, capturedMinor }) => sum + amountMinor - capturedMinor, 0n)
  const sum = (of: (account: (typeof all)[number]) => bigint) => all.reduce((total, one) => total + of(one), 0n)
  return {
    unbalanced: sum(({ type, postedMinor }) => (['asset', 'expense'].includes(type) ? postedMinor : -postedMinor)),
    outWithoutIn: sum(({ pendingOutMinor, pendingInMinor }) => pendingOutMinor - pendingInMinor),
    overdrawn: all.filter(
      ({ kind, postedMinor, pendingOutMinor }) => kind === 'wallet' && postedMinor < pendingOutMinor,
    ),
    heldOtherwise: all.filter(({ _id, kind, pendingOutMinor }) => kind === 'wallet' && pendingOutMinor !== held(_id)),
  }
}

export const nothingWrong = { unbalanced: 0n, outWithoutIn: 0n, overdrawn: [], heldOtherwise: [] }
