import type { Hand } from '../hand.js'
import { fieldOf, type Databases, type Person, type Player } from './player.js'

const CARD = 'pm_card_visa'
const MARKED = /^card\d+$/

/** Customers fill their wallets by card, and have some of it back. */
export const cards: Player = {
  kinds: ['card payment', 'card refund'],
  weight: 2,
  play: (hand, people) => topUp(hand, people.one()),
  found: async (databases) => ({
    'card payment': await fieldOf(
      databases['wallet-service'],
      'entries',
      { kind: 'payment', description: MARKED },
      'description',
    ),
    'card refund': await refundsIn(databases),
  }),
  problems: async ({ 'wallet-service': db }) => {
    const halfDone = { method: 'card', $or: [{ asked: { $ne: null } }, { status: 'processing' }, unbooked] }
    const open = await fieldOf(db, 'payments', halfDone, '_id')
    const refunds = await fieldOf(db, 'refunds', { status: { $nin: ['succeeded', 'failed', 'canceled'] } }, '_id')
    return [
      ...open.map((id) => `payment ${id} is neither paid nor refused`),
      ...refunds.map((id) => `refund ${id} is open`),
    ]
  },
}

/** Paid, and either the money or what the provider kept of it is not in the books. */
const unbooked = { status: 'succeeded', $or: [{ settled: null }, { feeMinor: null }] }

/** The names of the payments that were given back, once for each entry that did so. */
const refundsIn = async ({ 'wallet-service': db }: Databases): Promise<string[]> => {
  const paid = await db.collection('payments').find({ method: 'card', description: MARKED }).toArray()
  const names = new Map(paid.map(({ _id, description }) => [String(_id), String(description)]))
  const refunds = await db.collection('refunds').find().toArray()
  const paymentOf = new Map(refunds.map(({ _id, paymentId }) => [String(_id), String(paymentId)]))
  // It is set aside first and then gone, and leaves the wallet once.
  const fromWallets = { kind: 'refund', postings: { $elemMatch: { accountId: { $not: /^house:/ } } } }
  const entries = await db.collection('entries').find(fromWallets).toArray()
  return entries.flatMap(({ reference }) => names.get(paymentOf.get((reference as { id: string }).id) ?? '') ?? [])
}

const isPaid = ({ status }: Record<string, unknown>): boolean => status === 'succeeded'

const topUp = async (hand: Hand, { session, walletId }: Person): Promise<void> => {
  const [marker, amount] = [`card${hand.fresh()}`, 10 + Math.floor(hand.random() * 90)]
  const body = { amount, payment_method: CARD, confirm: true, description: marker }
  const paid = await hand.attempt({
    ...{ kind: 'card payment', marker, session, moves: { [walletId]: BigInt(100 * amount) }, isSettled: isPaid },
    send: (sending) => hand.client.post('/payments/intents', { ...sending, body }),
  })
  if (!paid || !isPaid(paid) || hand.random() < 0.6) return
  await hand.attempt({
    ...{ kind: 'card refund', marker, session, moves: { [walletId]: BigInt(-100 * amount) } },
    send: (sending) => hand.client.post('/refunds', { ...sending, body: { payment_intent: String(paid['id']) } }),
  })
}
