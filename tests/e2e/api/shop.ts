import { randomUUID } from 'node:crypto'
import type { House, Person } from './house.js'

type Made = { id: string; slug: string; order_number: string }

/** Something that the shop sells, with enough of it in stock. */
export const offered = async (house: House): Promise<string> => {
  const admin = { token: house.tokens.admin }
  const { id } = await send(house, 'post', '/categories', admin, { name: `Shelf ${randomUUID()}` })
  const product = { name: `Thing ${randomUUID()}`, category: id, price: 1, stock: 1_000 }
  return (await send(house, 'post', '/products', admin, product)).slug
}

export const ownOrder = async (house: House, owner: Person): Promise<string> => {
  const order = {
    items: [{ product: await offered(house), quantity: 1 }],
    shipping: { name: 'Ann', address: '1 Road', city: 'Pune', postal_code: '411001', country: 'India' },
    payment_method: 'cash_on_delivery',
  }
  return (await send(house, 'post', '/orders', owner, order)).order_number
}

export const ownReview = async (house: House, owner: Person): Promise<string> => {
  const number = await ownOrder(house, owner)
  const admin = { token: house.tokens.admin }
  const order = await send(house, 'patch', `/orders/${number}/status`, admin, { status: 'processing' })
  const { product } = (order as unknown as { items: [{ product: string }] }).items[0]
  return (await send(house, 'post', `/products/${product}/reviews`, owner, { rating: 5 })).id
}

const send = async (
  { system }: House,
  method: 'post' | 'patch',
  path: string,
  { token }: Pick<Person, 'token'>,
  body: object,
): Promise<Made> => {
  const answer = await system.api[method](path, { token, key: randomUUID(), body })
  if (answer.status >= 300) throw new Error(`${path} answered ${JSON.stringify(answer.body)}`)
  return answer.body as Made
}
