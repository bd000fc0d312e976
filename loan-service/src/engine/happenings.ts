import { allocate, waive } from './allocation.js'
import { chargeOn } from './charges.js'
import type { Happening } from './events.js'
import { beginPlan, layAnew, reschedule } from './agreement.js'
import { runningRow } from './rows.js'
import { least, move, NOTHING, owedOf, RECEIVABLES, sumOf, type Running } from './running.js'
import { release } from './suspense.js'
import { PARTS } from './terms.js'

/** What an event does to a loan. Money is never lost: what nothing is owed for becomes the borrower's credit. */
export const happen = (running: Running, id: string, event: Happening): void => {
  switch (event.kind) {
    case 'disbursed':
      return disburse(running, event.amountMinor)
    case 'repaid':
      return repay(running, id, event)
    case 'charged':
      return charge(running, event)
    case 'waived':
      return running.writtenOff ? undefined : waive(running, event.part, event.amountMinor)
    case 'rescheduled':
      return running.principal > 0n && !running.writtenOff ? reschedule(running, event.terms) : undefined
    case 'written_off':
      return writeOff(running)
    case 'recovered':
      return void recover(running, event.amountMinor)
    case 'credit_refunded':
      return refund(running, event.amountMinor)
    case 'reversed':
    case 'write_off_undone':
      return undefined
  }
}

const disburse = (running: Running, amount: bigint): void => {
  const isFirst = running.disbursed === 0n
  running.disbursed += amount
  running.principal += amount
  if (running.writtenOff) {
    // Money that leaves after all was given up is lost with the rest.
    running.writtenOff.principal += amount
    runningRow(running).asked.principal += amount
    return move(running, 'loan_write_offs', 'wallet', amount)
  }
  move(running, 'loans_receivable', 'wallet', amount)
  if (isFirst) beginPlan(running, amount)
  else layAnew(running, 'reduce_instalment')
  const rule = running.terms.originationFee
  if (!rule || ('flatMinor' in rule.charge && !isFirst)) return
  const fee = least(chargeOn(rule.charge, amount), amount)
  move(running, rule.taken === 'deducted' ? 'wallet' : 'fees_receivable', 'fee_income', fee)
  if (rule.taken === 'added') runningRow(running).asked.fees += fee
}

const repay = (running: Running, id: string, payment: Extract<Happening, { kind: 'repaid' }>): void => {
  const { amountMinor: amount, excess } = payment
  const allocation = running.writtenOff
    ? { ...NOTHING, ...recover(running, amount) }
    : allocate(running, 'wallet', { amount, excess })
  if (!running.writtenOff) keepCredit(running, allocation.credit)
  running.allocations.set(id, allocation)
}

const keepCredit = (running: Running, amount: bigint): void => {
  running.credit += amount
  move(running, 'wallet', 'customer_credit_balances', amount)
}

const charge = (running: Running, { part, amountMinor }: Extract<Happening, { kind: 'charged' }>): void => {
  if (running.writtenOff || !running.plan) return
  runningRow(running).asked[part] += amountMinor
  move(running, RECEIVABLES[part], part === 'fees' ? 'fee_income' : 'penalty_income', amountMinor)
}

const writeOff = (running: Running): void => {
  const owed = owedOf(running)
  if (running.writtenOff || sumOf(owed) === 0n) return
  for (const part of PARTS) move(running, 'loan_write_offs', RECEIVABLES[part], owed[part])
  release(running, 'loan_write_offs')
  running.writtenOff = owed
  running.writtenOffOn = running.day
}

const recover = (running: Running, amount: bigint): { recovery: bigint; credit: bigint } => {
  const missing = running.writtenOff ? sumOf(running.writtenOff) - running.recovered : 0n
  const recovery = least(amount, missing)
  running.recovered += recovery
  move(running, 'wallet', 'recovery_income', recovery)
  keepCredit(running, amount - recovery)
  return { recovery, credit: amount - recovery }
}

/** What a replay shows to have been refunded too much is owed again. */
const refund = (running: Running, amount: bigint): void => {
  const refunded = least(amount, running.credit)
  running.credit -= refunded
  move(running, 'customer_credit_balances', 'wallet', refunded)
  const missing = amount - refunded
  if (missing === 0n || !running.plan) return
  if (running.writtenOff) running.writtenOff.fees += missing
  else runningRow(running).asked.fees += missing
  move(running, running.writtenOff ? 'loan_write_offs' : 'fees_receivable', 'wallet', missing)
}

/** Credit pays what has come to be owed since. */
export const useCredit = (running: Running): void => {
  if (running.credit === 0n || running.writtenOff || sumOf(owedOf(running)) === 0n) return
  const { credit } = allocate(running, 'customer_credit_balances', {
    amount: running.credit,
    excess: 'next_instalment',
  })
  running.credit = credit
}
