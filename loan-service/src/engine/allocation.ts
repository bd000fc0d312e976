import type { Excess } from './events.js'
import { least, move, NOTHING, openOf, owedOf, RECEIVABLES, sumOf, type Row, type Running } from './running.js'
import { layAnew } from './agreement.js'
import { passSettled, rowAt } from './rows.js'
import type { Allocation } from './state.js'
import { release } from './suspense.js'
import type { Part } from './terms.js'

/** Uses money that came from `source`: what is due, oldest first, then the excess as the payer chose, the rest is credit. */
export const allocate = (
  running: Running,
  source: 'wallet' | 'customer_credit_balances',
  { amount, excess }: { amount: bigint; excess: Excess },
): Allocation => {
  const used: Allocation = { ...NOTHING, credit: 0n, recovery: 0n }
  const payment: Payment = { source, left: amount, used }
  for (let index = running.firstOpen; index < running.fallen && payment.left > 0n; index += 1) {
    payRow(running, payment, running.rows[index])
  }
  if (payment.left > 0n) {
    if (excess === 'next_instalment' || payment.left >= sumOf(owedOf(running))) payAhead(running, payment)
    else payOff(running, payment, excess)
  }
  passSettled(running)
  release(running, 'interest_income')
  used.credit = payment.left
  return used
}

type Payment = { source: 'wallet' | 'customer_credit_balances'; left: bigint; used: Allocation }

const payRow = (running: Running, payment: Payment, row: Row | undefined): void => {
  if (!row) return
  for (const part of running.terms.allocation) payPart(running, payment, row, part)
}

const payPart = (running: Running, payment: Payment, row: Row, part: Part): void => {
  const paid = least(openOf(row, part), payment.left)
  if (paid === 0n) return
  row.settled[part] += paid
  if (part === 'principal') running.principal -= paid
  take(running, payment, part, paid)
}

const take = (running: Running, payment: Payment, part: Part, paid: bigint): void => {
  payment.left -= paid
  payment.used[part] += paid
  move(running, payment.source, RECEIVABLES[part], paid)
}

/** The next instalments, as far as it goes: of their interest what has accrued, of their principal all. */
const payAhead = (running: Running, payment: Payment): void => {
  for (let index = running.fallen; payment.left > 0n; index += 1) {
    const row = rowAt(running, index)
    if (!row) break
    payRow(running, payment, row)
    if (index === running.fallen) payDeferred(running, payment)
  }
}

const payDeferred = (running: Running, payment: Payment): void => {
  const paid = least(running.deferred, payment.left)
  running.deferred -= paid
  take(running, payment, 'interest', paid)
}

/** What has accrued, then principal outside the instalments; those still to come are solved anew. */
const payOff = (running: Running, payment: Payment, excess: Exclude<Excess, 'next_instalment'>): void => {
  const { rows, fallen, terms } = running
  for (const row of rows.slice(fallen)) {
    for (const part of terms.allocation) if (part !== 'principal') payPart(running, payment, row, part)
  }
  payDeferred(running, payment)
  if (payment.left === 0n) return
  running.principal -= payment.left
  running.prepaid += payment.left
  take(running, payment, 'principal', payment.left)
  layAnew(running, excess)
}

/** Forgives what is owed of one part, oldest first. */
export const waive = (running: Running, part: Exclude<Part, 'principal'>, amount: bigint): void => {
  let left = amount
  for (const row of running.rows.slice(running.firstOpen)) {
    const waived = least(openOf(row, part), left)
    row.settled[part] += waived
    left -= waived
  }
  if (part === 'interest') {
    const waived = least(running.deferred, left)
    running.deferred -= waived
    left -= waived
  }
  move(running, 'waivers', RECEIVABLES[part], amount - left)
  release(running, 'waivers')
  passSettled(running)
}
