import type { Hand } from '../hand.js'
import { fieldOf, type People, type Person, type Player } from './player.js'

/** Cash is paid in, wallets pay one another, amounts are held, captured and let go. */
export const money: Player = {
  kinds: ['credit', 'transfer', 'hold', 'capture', 'release'],
  weight: 8,
  play: (hand, people) => {
    const turn = hand.random()
    const [payer, payee] = [people.one(), people.one()]
    if (turn < 0.3 || payer === payee) return payIn(hand, people, payer)
    return turn < 0.7 ? transfer(hand, payer, payee) : hold(hand, payer, payee)
  },
  found: async ({ 'wallet-service': db }) => {
    const described = (kind: string) => fieldOf(db, 'entries', { kind, description: { $ne: null } }, 'description')
    return {
      credit: await creditsIn(db),
      transfer: await described('transfer'),
      hold: await described('hold'),
      capture: await described('capture'),
      release: await described('release'),
    }
  },
  problems: async ({ 'wallet-service': db }) => {
    const wallets = await db.collection('accounts').find({ kind: 'wallet' }).toArray()
    const below = wallets.filter(({ postedMinor, pendingOutMinor }) => postedMinor - pendingOutMinor < 0)
    return below.map(({ _id }) => `wallet ${String(_id)} is below zero`)
  },
}

type Db = Parameters<Player['found']>[0]['wallet-service']

// Cash paid in has no description: each has an amount that no other has.
const creditsIn = async (db: Db): Promise<string[]> => {
  const entries = await db.collection('entries').find({ kind: 'credit' }).toArray()
  return entries.map(({ postings }) => String((postings as { amountMinor: unknown }[])[0]?.amountMinor))
}

export const payIn = async (hand: Hand, { admin }: People, { walletId }: Person): Promise<void> => {
  const minor = 100_000 + hand.fresh()
  await hand.attempt({
    ...{ kind: 'credit', marker: String(minor), session: admin, moves: { [walletId]: BigInt(minor) } },
    send: (sending) =>
      hand.client.post('/wallet/credit', { ...sending, body: { wallet_id: walletId, amount: minor / 100 } }),
  })
}

/** Whole units, up to fifty. */
const someAmount = (hand: Hand): number => 1 + Math.floor(hand.random() * 50)

const paid = (from: Person, to: Person, amount: number) => ({
  [from.walletId]: BigInt(-100 * amount),
  [to.walletId]: BigInt(100 * amount),
})

const transfer = async (hand: Hand, payer: Person, payee: Person): Promise<void> => {
  const [marker, amount] = [`t${hand.fresh()}`, someAmount(hand)]
  const body = { to_wallet_id: payee.walletId, amount, description: marker }
  await hand.attempt({
    ...{ kind: 'transfer', marker, session: payer.session, moves: paid(payer, payee, amount) },
    send: (sending) => hand.client.post('/transfers', { ...sending, body }),
  })
}

const hold = async (hand: Hand, payer: Person, payee: Person): Promise<void> => {
  const [marker, amount] = [`h${hand.fresh()}`, someAmount(hand)]
  const body = { to_wallet_id: payee.walletId, amount, description: marker, expires_in: 86_400 }
  const held = await hand.attempt({
    ...{ kind: 'hold', marker, session: payer.session },
    send: (sending) => hand.client.post('/holds', { ...sending, body }),
  })
  if (!held) return
  const params = { id: String(held['id']) }
  if (hand.random() < 0.6)
    await hand.attempt({
      ...{ kind: 'capture', marker, session: payer.session, moves: paid(payer, payee, amount) },
      send: (sending) => hand.client.post('/holds/{id}/capture', { ...sending, params, body: {} }),
    })
  else
    await hand.attempt({
      ...{ kind: 'release', marker, session: payer.session },
      send: (sending) => hand.client.post('/holds/{id}/release', { ...sending, params }),
    })
}
