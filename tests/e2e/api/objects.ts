import { randomUUID } from 'node:crypto'
import { expectAnswer } from '@countinghouse/scripts/demo/expect'
import { becomes } from '../system.js'
import { offered, ownOrder, ownReview } from './shop.js'
import type { House, Person } from './house.js'
import { made, ownAccount, ownDelivery, ownEndpoint, ownJob, ownLink, ownMovement } from './elsewhere.js'

type Made = Record<string, string>
type Owned = {
  /** The path of the object; every route below it is about the same object. */
  path: string
  /** Makes one that belongs to this person, and answers what stands in the path. */
  make: (house: House, owner: Person) => Promise<Made>
  /** What another gets, where it is not 404. */
  foreignStatus?: number
}

/** How to make one of each thing that belongs to somebody. */
const owned: Owned[] = [
  { path: '/wallets/{id}', make: async (house, owner) => ({ id: await fundedWallet(house, owner) }) },
  {
    path: '/holds/{id}',
    make: async (house, owner) => {
      await fundedWallet(house, owner)
      const body = { amount: 1 }
      const held = await house.system.client.post('/holds', { token: owner.token, key: randomUUID(), body })
      return { id: expectAnswer(held, 201).id }
    },
  },
  { path: '/loans/{id}', make: async (house, owner) => ({ id: await ownLoan(house, owner) }) },
  {
    path: '/loans/{id}/documents/{documentId}',
    make: async (house, owner) => {
      const id = await ownLoan(house, owner)
      const body = { filename: 'salary.pdf', content_type: 'application/pdf', size: 10 } as const
      const { client } = house.system
      const added = await client.post('/loans/{id}/documents', { token: owner.token, params: { id }, body })
      return { id, documentId: expectAnswer(added, 201).id }
    },
  },
  { path: '/payments/intents/{id}', make: async (house, owner) => ({ id: await ownPayment(house, owner, {}) }) },
  {
    path: '/refunds/{id}',
    make: async (house, owner) => {
      const paid = { payment_method: 'pm_card_visa', confirm: true }
      const body = { payment_intent: await ownPayment(house, owner, paid), amount: 1 }
      return { id: (await made(house, owner, '/refunds', body)).id }
    },
  },
  {
    path: '/remittances/{id}',
    make: async (house, owner) => {
      await fundedWallet(house, owner)
      const body = { recipient: { bank_account: 'ba_success', name: 'Ben' }, amount: 1 }
      return { id: (await made(house, owner, '/remittances', body)).id }
    },
  },
  { path: '/webhook-endpoints/{id}', make: async (house, owner) => ({ id: await ownEndpoint(house, owner) }) },
  { path: '/webhook-endpoints/{id}/deliveries/{deliveryId}', make: ownDelivery },
  {
    path: '/users/{userId}/accounts',
    make: (_house, owner) => Promise.resolve({ userId: owner.id }),
    foreignStatus: 403,
  },
  {
    path: '/users/{userId}/accounts/{accountId}',
    make: (house, owner) => ownAccount(house, owner),
    foreignStatus: 403,
  },
  { path: '/users/{userId}/accounts/links/{linkId}', make: ownLink, foreignStatus: 403 },
  { path: '/users/{userId}/accounts/{accountId}/transactions/{id}', make: ownMovement, foreignStatus: 403 },
  { path: '/account-sync/{id}', make: async (house, owner) => ({ id: await ownJob(house, owner) }) },
  { path: '/jobs/{id}', make: async (house, owner) => ({ id: await ownJob(house, owner) }) },
  { path: '/orders/{number}', make: async (house, owner) => ({ number: await ownOrder(house, owner) }) },
  { path: '/reviews/{id}', make: async (house, owner) => ({ id: await ownReview(house, owner) }), foreignStatus: 403 },
  {
    path: '/cart/items/{id}',
    make: async (house, owner) => {
      const id = await offered(house)
      await made(house, owner, '/cart/items', { product: id })
      return { id }
    },
  },
  {
    path: '/auth/sessions/{id}',
    make: async ({ system }, { email, password, token }) => {
      await system.login(email, password)
      const sessions = expectAnswer(await system.client.get('/auth/sessions', { token }), 200)
      return { id: sessions.find(({ current }) => !current)?.id ?? '' }
    },
  },
]

/** What everybody sees alike, so that it belongs to nobody. */
const shared = ['/loan-products/{id}', '/products/{slug}', '/categories/{slug}', '/categories/{id}']

export const findObject = (path: string): Owned | undefined =>
  owned.find((object) => isBelow(path, object.path) && !path.slice(object.path.length).includes('{'))

export const notOwned = (path: string): boolean => shared.some((place) => isBelow(path, place))

const isBelow = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`)

const fundedWallet = async ({ system: { client }, tokens }: House, { token }: Person): Promise<string> => {
  const wallet = (await becomes(() => client.get('/wallet', { token }), { status: 'open' })) as { id: string }
  const body = { wallet_id: wallet.id, amount: 10 }
  const credited = await client.post('/wallet/credit', { token: tokens.admin, key: randomUUID(), body })
  expectAnswer(credited, 201)
  return wallet.id
}

const ownPayment = async (house: House, owner: Person, more: object): Promise<string> => {
  await fundedWallet(house, owner)
  return (await made(house, owner, '/payments/intents', { amount: 10, ...more })).id
}

const ownLoan = async ({ system: { client } }: House, { token }: Person): Promise<string> => {
  const [earlier] = expectAnswer(await client.get('/loans', { token, query: { status: 'APPLIED' } }), 200)
  if (earlier) return earlier.id
  const body = { amount: 100, term_months: 12, purpose: 'Tools', income: 60_000, expenses: 20_000 }
  return expectAnswer(await client.post('/loans/apply', { token, body }), 201).id
}
