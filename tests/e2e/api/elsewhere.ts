import { randomUUID } from 'node:crypto'
import { expect } from '@jest/globals'
import { eventually } from '@countinghouse/shared/testing/eventually'
import type { House, Person } from './house.js'

type Answer = { id: string; job: { id: string } }

const asked = async ({ system }: House, { token }: Person, path: string, body?: object): Promise<unknown> => {
  const response = await fetch(`${system.gatewayUrl}/api/v1${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: body ? JSON.stringify(body) : null,
  })
  const answer: unknown = await response.json()
  expect([path, response.status < 300, answer]).toEqual([path, true, answer])
  return answer
}

/** What a POST of this person answers. */
export const made = async (house: House, owner: Person, path: string, body: object): Promise<Answer> =>
  (await asked(house, owner, path, body)) as Answer

export const ownEndpoint = async (house: House, owner: Person): Promise<string> => {
  // Nobody listens there: what is sent waits for its next try.
  const body = { url: 'http://127.0.0.1:9/hooks', events: ['*'] }
  return (await made(house, owner, '/webhook-endpoints', body)).id
}

export const ownDelivery = async (house: House, owner: Person) => {
  const id = await ownEndpoint(house, owner)
  const { client } = house.system
  const wallet = await eventually(async () => (await asked(house, owner, '/wallet')) as Answer)
  await client.post('/wallet/credit', {
    token: house.tokens.admin,
    key: randomUUID(),
    body: { wallet_id: wallet.id, amount: 1 },
  })
  const deliveryId = await eventually(async () => {
    const [first] = (await asked(house, owner, `/webhook-endpoints/${id}/deliveries`)) as Answer[]
    if (!first) throw new Error('Nothing was sent yet')
    return first.id
  })
  return { id, deliveryId }
}

export const ownAccount = async (house: House, owner: Person) => {
  const details = { overdraftProtection: true, routingNumber: '123456789' }
  const body = { type: 'checking', provider: 'Bank', accountName: 'Checking', balance: 10, currency: 'USD', details }
  const { id } = await made(house, owner, `/users/${owner.id}/accounts`, body)
  return { userId: owner.id, accountId: id }
}

const connect = (house: House, owner: Person) =>
  made(house, owner, `/users/${owner.id}/accounts/links`, {
    ...{ institution: 'sandbox', username: 'user_good', password: 'pass_good' },
  })

export const ownLink = async (house: House, owner: Person) => ({
  userId: owner.id,
  linkId: (await connect(house, owner)).id,
})

export const ownJob = async (house: House, owner: Person): Promise<string> => (await connect(house, owner)).job.id

export const ownMovement = async (house: House, owner: Person) => {
  const { id: linkId } = await connect(house, owner)
  const base = `/users/${owner.id}/accounts`
  return eventually(async () => {
    const { accounts } = (await asked(house, owner, base)) as { accounts: Answer[] }
    for (const { id: accountId } of accounts) {
      const movements = (await asked(house, owner, `${base}/${accountId}/transactions`)) as Answer[]
      const mine = movements.find(({ id }) => id.startsWith(linkId))
      if (mine) return { userId: owner.id, accountId, id: mine.id }
    }
    throw new Error('Nothing moved yet')
  }, 20_000)
}
