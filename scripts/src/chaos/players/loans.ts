import type { Hand } from '../hand.js'
import { fieldOf, type Databases, type People, type Player } from './player.js'

const AMOUNT = 1_000
const APPLICATION = { amount: AMOUNT, term_months: 12, income: 60_000, expenses: 20_000 }

/** A customer applies, an administrator approves, the money comes, and a part of it is repaid. */
export const loans: Player = {
  kinds: ['application', 'approval', 'repayment'],
  weight: 3,
  play: async (hand, people) => void (await borrow(hand, people)),
  found: async (databases) => ({
    application: await fieldOf(databases['loan-service'], 'loans', {}, 'purpose'),
    approval: await accountedFor(databases),
    repayment: await fieldOf(
      databases['loan-service'],
      'movements',
      { kind: 'repayment', status: 'COMPLETED' },
      'amountMinor',
    ),
  }),
  problems: async ({ 'loan-service': db }) => {
    const open = await fieldOf(db, 'movements', { status: { $in: ['PENDING', 'STUCK'] } }, '_id')
    const silent = await fieldOf(db, 'loans', { status: 'APPROVED', 'disbursement.status': 'PENDING' }, '_id')
    return [
      ...open.map((id) => `movement ${id} is not settled`),
      ...silent.map((id) => `loan ${id} is approved, and neither paid out nor refused`),
    ]
  },
}

/** An approved loan once for each time it was paid out, or once for the reason why it could not be. */
const accountedFor = async ({ 'loan-service': loanDb, 'wallet-service': wallet }: Databases): Promise<string[]> => {
  const rows = await loanDb.collection('loans').find({ decision: 'APPROVED' }).toArray()
  const entries = await wallet.collection('entries').find({ kind: 'disbursement' }).toArray()
  const paid = entries.map(({ reference }) => (reference as { id: string }).id)
  return rows.flatMap(({ _id, purpose, disbursement }) => {
    const times = paid.filter((id) => id === String(_id)).length
    const refused = (disbursement as { status?: string } | null)?.status === 'FAILED' ? 1 : 0
    return Array<string>(times + refused).fill(String(purpose))
  })
}

/** Answers how far the loan came. */
export const borrow = async (hand: Hand, people: People): Promise<'refused' | 'applied' | 'approved' | 'paid out'> => {
  const { session, walletId } = people.one()
  const marker = `l${hand.fresh()}`
  const applied = await hand.attempt({
    ...{ kind: 'application', marker, session },
    send: (sending) => hand.client.post('/loans/apply', { ...sending, body: { ...APPLICATION, purpose: marker } }),
  })
  if (!applied) return 'refused'
  const id = String(applied['id'])
  const approved = await hand.attempt({
    ...{ kind: 'approval', marker, session: people.admin, moves: { [walletId]: BigInt(AMOUNT * 100) } },
    send: (sending) =>
      hand.client.post('/loans/admin/approve', { ...sending, body: { loan_id: id, action: 'approve' } }),
  })
  if (!approved) return 'applied'
  const active = await hand.until(
    () => hand.client.get('/loans/{id}', { params: { id }, token: session.token }),
    ({ status }) => status === 'ACTIVE',
  )
  if (!active) return 'approved'
  if (hand.random() < 0.5) return 'paid out'
  const minor = 1_000 + hand.fresh()
  await hand.attempt({
    ...{ kind: 'repayment', marker: String(minor), session, moves: { [walletId]: BigInt(-minor) } },
    send: (sending) =>
      hand.client.post('/loans/{id}/repayments', { ...sending, params: { id }, body: { amount: minor / 100 } }),
  })
  return 'paid out'
}
