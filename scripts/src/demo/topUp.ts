import { randomBytes } from 'node:crypto'
import { Failure } from '../kit/failure.js'
import { expectAnswer } from './expect.js'
import type { Story, Told } from './story.js'

const AMOUNT = 50

/** After the main flow: the customer pays in by a card of the sandbox, and the books show it. */
export const tellTopUp = async ({ api, chapter, fact }: Story, { customerToken, adminToken }: Told): Promise<void> => {
  chapter('The customer pays in by card, at the sandbox of the payment provider')
  const before = expectAnswer(await api.get('/wallet', { token: customerToken }), 200)
  const body = { amount: AMOUNT, payment_method: 'pm_card_visa', confirm: true } as const
  const key = randomBytes(8).toString('hex')
  const paid = await api.post('/payments/intents', { token: customerToken, body, key })
  const { id } = expectAnswer(paid, 201, { status: 'succeeded', amount_received: AMOUNT })
  fact('The card is charged: the payment has succeeded')
  const balance = before.balance + AMOUNT
  expectAnswer(await api.get('/wallet', { token: customerToken }), 200, { balance, available: balance })
  fact('The wallet holds 50.00 more')
  const entries = expectAnswer(
    await api.get('/ledger/entries', { query: { reference_id: id }, token: adminToken }),
    200,
  )
  const charged = entries.filter(({ kind }) => kind === 'payment')
  if (charged.length !== 1) throw new Failure(`Expected one entry of the charge, but got ${JSON.stringify(charged)}`)
  for (const { account_id, side, amount } of charged[0]?.postings ?? [])
    fact(`${side} ${amount.toFixed(2)} ${account_id}`)
}
