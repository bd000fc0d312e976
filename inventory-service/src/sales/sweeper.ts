import type { Log } from '@countinghouse/shared/log'
import { gauge } from '@countinghouse/shared/metrics'
import { sweepUnderLease } from '@countinghouse/shared/mongo/sweeping'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { toWireAmount } from '@countinghouse/shared/money'
import type { Background } from '@countinghouse/shared/service'
import { settle, type CardDeps } from './commands/cardPayments.js'
import { settleRefund } from './commands/cardRefunds.js'
import { findPayment, findUnheardPayments, findUnheardRefunds } from './records.js'
import { overdueTotals } from './store.js'

const SWEEP_EVERY_MS = 15_000
const LEASE_TTL_MS = 60_000
const PATIENCE_MS = 30_000
const BATCH_MAX = 50

const overdueBills = gauge('sales_overdue', 'Bills that are overdue')
const overdueAmount = gauge('sales_overdue_amount', 'What is owed on overdue bills', ['currency'])
const unheard = gauge('sales_card_unanswered', 'Card payments and refunds of sales without an answer for long')

export type SweeperDeps = CardDeps & { log: Log; dayOf(instant: Date): string; everyMs?: number }

/** Asks again for card payments and refunds whose answer was not heard, and counts what is overdue. */
export const startSaleSweeper = (deps: SweeperDeps): Background =>
  sweepUnderLease({
    ...{ db: deps.db, lease: { name: 'sale-payments', ttlMs: LEASE_TTL_MS }, log: deps.log },
    everyMs: deps.everyMs ?? SWEEP_EVERY_MS,
    work: async () => {
      await askAgain(deps, new Date(deps.now().getTime() - PATIENCE_MS))
      await countOverdue(deps)
    },
    failure: 'Payments of sales without an answer stay so; trying again',
  })

/** Nothing is charged or paid back twice by it: each record is asked for under its own id. */
export const askAgain = async ({ db, now, cards }: CardDeps, before: Date): Promise<void> => {
  const payments = await findUnheardPayments(readsOn(db), before, BATCH_MAX)
  const refunds = await findUnheardRefunds(readsOn(db), before, BATCH_MAX)
  unheard.set(payments.length + refunds.length)
  for (const payment of payments) {
    const outcome = await cards.charge(payment, payment.paymentMethod ?? undefined)
    await inTransaction(db, (tx) => settle(tx, { payment, outcome, now: now(), answer: () => [] }))
  }
  for (const refund of refunds) {
    const payment = await findPayment(readsOn(db), refund.salePaymentId ?? '')
    if (!payment?.paymentId) continue
    const outcome = await cards.refund(refund, payment.paymentId)
    await inTransaction(db, (tx) => settleRefund(tx, refund._id, outcome, now()))
  }
}

const countOverdue = async ({ db, now, dayOf }: SweeperDeps): Promise<void> => {
  const totals = await overdueTotals(readsOn(db), dayOf(now()))
  overdueBills.set(totals.reduce((sum, { bills }) => sum + bills, 0))
  overdueAmount.reset()
  for (const { _id: currency, dueMinor } of totals) overdueAmount.set({ currency }, toWireAmount(dueMinor, currency))
}
