import { randomUUID } from 'node:crypto'
import type { Client } from '@countinghouse/client'
import { createHand, type Hand } from '@countinghouse/scripts/chaos/hand'
import { players } from '@countinghouse/scripts/chaos/players'
import type { People } from '@countinghouse/scripts/chaos/players/player'
import { logIn, register } from '@countinghouse/scripts/chaos/players/registrations'
import { expectAnswer } from '@countinghouse/scripts/demo/expect'
import { randomFrom } from '@countinghouse/shared/testing/random'

const ADMIN = { email: 'admin@loanapp.com', password: 'admin123' }

/** A little of everything that is done in the house: each round what the players of the chaos runs do, and what they leave out. */
export const startLoad = async (client: Client): Promise<{ round(): Promise<void> }> => {
  const random = randomFrom(11)
  const hand = createHand({ client, random, patienceMs: 60_000, impatient: 0, stopped: () => false })
  const admin = await logIn(client, ADMIN)
  const customers: People['customers'] = []
  const one = () => {
    const customer = customers[Math.floor(random() * customers.length)]
    if (!customer) throw new Error('nobody has registered')
    return customer
  }
  const people: People = { admin, customers, one }
  for (let count = 0; count < 3; count += 1) await register(hand, people)
  for (const player of players) await player.prepare?.(hand, people)
  const more = await besides(hand, people)
  return {
    round: async () => {
      const plays = players.flatMap((player) => Array.from({ length: player.weight }, () => player.play(hand, people)))
      await Promise.all([...plays, more()])
    },
  }
}

/** Runs that blow bottles, accounts elsewhere, reports, an export, and requests that are refused. */
const besides = async ({ client }: Hand, { admin }: People): Promise<() => Promise<void>> => {
  const token = () => ({ token: admin.token, key: randomUUID() })
  for (const [id, type] of [
    ['load-preform', 'preform'],
    ['load-bottle', 'bottle'],
  ] as const)
    expectAnswer(await client.post('/items', { ...token(), body: { id, name: id, type } }), 201)
  const line_items = [{ item_id: 'load-preform', quantity: 1_000, unit_price: 2 }]
  const bought = { supplier_id: 'CHAOS-S', line_items, notes: 'load' }
  expectAnswer(await client.post('/purchases', { ...token(), body: bought }), 201)
  const { id: userId } = expectAnswer(await client.get('/auth/me', token()), 200)
  const link = { institution: 'sandbox', username: 'user_good', password: 'pass_good' }
  expectAnswer(await client.post('/users/{userId}/accounts/links', { ...token(), params: { userId }, body: link }), 201)
  const run = { from_item_id: 'load-preform', to_item_id: 'load-bottle', input_quantity: 2, quantity: 2 }
  return async () => {
    const fresh = { fresh: 'true' } as const
    const answers = await Promise.all([
      client.post('/blows', { ...token(), body: run }),
      client.post('/users/{userId}/accounts/sync', { ...token(), params: { userId } }),
      client.get('/users/{userId}/accounts', { ...token(), params: { userId } }),
      client.get('/reports/profit-loss', { ...token(), query: fresh }),
      client.get('/reports/portfolio', token()),
      client.post('/reports/profit-loss/exports', { ...token(), body: { format: 'csv' } }),
      client.get('/products', {}),
    ])
    for (const answer of answers) if (answer.status >= 300) throw new Error(JSON.stringify(answer.body))
    expectAnswer(await client.get('/wallet', {}), 401)
  }
}
