import { moveBalance, type Bank } from './bank.js'
import { cardOf } from './cards.js'
import { newId, type Row } from './state.js'
import { WireError, amountOf, invalid, missingResource, recordOf, required, textOf, type Parameters } from './wire.js'

const DISPUTE_FEE = 1500
const DISPUTE_DAYS = 7
const DAY_SECONDS = 24 * 3600

const rowOf = ({ state }: Bank, object: string, id: string): Row => {
  const row = state.get(id)
  if (row?.object !== object) throw missingResource(object, id)
  return row
}

const REFUND_REASONS = ['duplicate', 'fraudulent', 'requested_by_customer']

export const createRefund = (bank: Bank, parameters: Parameters): Row => {
  const charge = chargeToRefund(bank, parameters)
  const left = Number(charge['amount_captured']) - Number(charge['amount_refunded'])
  const asked = textOf(parameters, 'amount')
  const amount = asked === undefined ? left : amountOf(asked, 'amount')
  const reason = textOf(parameters, 'reason') ?? null
  if (reason !== null && !REFUND_REASONS.includes(reason))
    throw invalid(`Invalid reason: ${reason}`, { param: 'reason' })
  if (charge['disputed'] === true)
    throw invalid(`Charge ${charge.id} has been charged back.`, { code: 'charge_disputed' })
  if (left === 0) throw invalid(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' })
  if (amount > left) throw invalid(`Refund amount (${amount.toString()}) is greater than unrefunded amount on charge (${left.toString()})`, { param: 'amount' }) // prettier-ignore
  const behaviour = cardOf(String(charge['payment_method'])).refund
  const id = newId('re')
  const currency = String(charge['currency'])
  const movement = moveBalance(bank, { type: 'refund', source: id, amount: -amount, currency })
  const refund = bank.state.put({
    ...{ id, object: 'refund', created: bank.now(), amount, currency, charge: charge.id, reason },
    ...{ payment_intent: charge['payment_intent'], metadata: recordOf(parameters, 'metadata'), receipt_number: null },
    ...{ balance_transaction: movement.id, status: behaviour === 'waits' ? 'pending' : 'succeeded' },
  })
  const refunded = Number(charge['amount_refunded']) + amount
  bank.state.put({ ...charge, amount_refunded: refunded, refunded: refunded === charge['amount_captured'] })
  bank.emit('refund.created', refund)
  if (behaviour !== undefined) bank.later(behaviour === 'fails' ? 'refund-fails' : 'refund-arrives', id)
  return refund
}

const chargeToRefund = (bank: Bank, parameters: Parameters): Row => {
  const intent = textOf(parameters, 'payment_intent')
  const id =
    intent === undefined ? required(parameters, 'charge') : rowOf(bank, 'payment_intent', intent)['latest_charge']
  const charge = rowOf(bank, 'charge', String(id))
  if (charge['captured'] !== true) throw invalid('This charge was not captured.', { code: 'charge_not_refundable' })
  return charge
}

/** What happens some time after: the payer's bank wants the money, or sends it back. */
export const happen = (bank: Bank, what: string, subject: string): void => {
  switch (what) {
    case 'dispute':
      return openDispute(bank, rowOf(bank, 'charge', subject))
    case 'dispute-won':
      return closeDispute(bank, rowOf(bank, 'dispute', subject), 'won')
    case 'dispute-lost':
      return closeDispute(bank, rowOf(bank, 'dispute', subject), 'lost')
    case 'refund-arrives':
      return bank.emit('refund.updated', bank.state.put({ ...rowOf(bank, 'refund', subject), status: 'succeeded' }))
    case 'refund-fails':
      return failRefund(bank, rowOf(bank, 'refund', subject))
    case 'payout-arrives':
      return bank.emit('payout.paid', bank.state.put({ ...rowOf(bank, 'payout', subject), status: 'paid' }))
    case 'payout-fails':
      return failPayout(bank, rowOf(bank, 'payout', subject))
    default:
      throw new Error(`Nothing is known of ${what}`)
  }
}

const failRefund = (bank: Bank, refund: Row): void => {
  const { id, amount, currency, charge } = refund
  const back = moveBalance(bank, {
    type: 'refund_failure',
    source: id,
    amount: Number(amount),
    currency: String(currency),
  })
  const refunded = rowOf(bank, 'charge', String(charge))
  bank.state.put({
    ...refunded,
    amount_refunded: Number(refunded['amount_refunded']) - Number(amount),
    refunded: false,
  })
  const failure = { status: 'failed', failure_reason: 'expired_or_canceled_card', failure_balance_transaction: back.id }
  bank.emit('refund.failed', bank.state.put({ ...refund, ...failure }))
}

const openDispute = (bank: Bank, charge: Row): void => {
  const id = newId('dp')
  const [amount, currency] = [Number(charge['amount_captured']), String(charge['currency'])]
  const reason = cardOf(String(charge['payment_method'])).disputed ?? 'general'
  const movement = moveBalance(bank, { type: 'adjustment', source: id, amount: -amount, fee: DISPUTE_FEE, currency })
  bank.state.put({ ...charge, disputed: true })
  const dispute = bank.state.put({
    ...{ id, object: 'dispute', created: bank.now(), livemode: false, amount, currency, charge: charge.id, reason },
    ...{
      payment_intent: charge['payment_intent'],
      metadata: {},
      status: 'needs_response',
      is_charge_refundable: false,
    },
    evidence: {},
    evidence_details: { due_by: bank.now() + DISPUTE_DAYS * DAY_SECONDS, has_evidence: false, past_due: false, submission_count: 0 }, // prettier-ignore
    balance_transactions: [movement],
  })
  bank.emit('charge.dispute.created', dispute)
  bank.emit('charge.dispute.funds_withdrawn', dispute)
}

export const answerDispute = (bank: Bank, id: string, parameters: Parameters): Row => {
  const dispute = openOne(bank, id)
  const evidence = recordOf(parameters, 'evidence')
  if (textOf(parameters, 'submit') === 'false') return bank.state.put({ ...dispute, evidence })
  const answered = bank.state.put({ ...dispute, evidence, status: 'under_review' })
  bank.emit('charge.dispute.updated', answered)
  // The provider's own test words decide; the bank needs its time all the same.
  const verdict = evidence['uncategorized_text']?.includes('losing_evidence') ? 'dispute-lost' : 'dispute-won'
  bank.later(verdict, id)
  return answered
}

export const acceptDispute = (bank: Bank, id: string): Row => {
  closeDispute(bank, openOne(bank, id), 'lost')
  return rowOf(bank, 'dispute', id)
}

const openOne = (bank: Bank, id: string): Row => {
  const dispute = rowOf(bank, 'dispute', id)
  if (dispute['status'] === 'won' || dispute['status'] === 'lost') throw invalid('This dispute is already closed', { code: 'dispute_closed' }) // prettier-ignore
  return dispute
}

const closeDispute = (bank: Bank, dispute: Row, status: 'won' | 'lost'): void => {
  if (dispute['status'] === 'won' || dispute['status'] === 'lost') return
  const { id, amount, currency } = dispute
  const moved = dispute['balance_transactions'] as Row[]
  const back = { type: 'adjustment', source: id, amount: Number(amount), currency: String(currency) }
  const movements = status === 'won' ? [...moved, moveBalance(bank, back)] : moved
  const closed = bank.state.put({ ...dispute, status, balance_transactions: movements })
  bank.emit('charge.dispute.closed', closed)
  if (status === 'won') bank.emit('charge.dispute.funds_reinstated', closed)
}

/** Bank accounts that payouts can go to, and what becomes of them there. */
const BANK_ACCOUNTS: Readonly<Record<string, 'payout-arrives' | 'payout-fails' | 'refused'>> = {
  ba_success: 'payout-arrives',
  ba_account_closed: 'payout-fails',
  ba_insufficient_funds: 'refused',
}

export const createPayout = (bank: Bank, parameters: Parameters): Row => {
  const amount = amountOf(required(parameters, 'amount'), 'amount')
  const currency = required(parameters, 'currency').toLowerCase()
  const destination = required(parameters, 'destination')
  const fate = BANK_ACCOUNTS[destination]
  if (fate === undefined) throw new WireError(400, { type: 'invalid_request_error', code: 'resource_missing', param: 'destination', message: `No such external account: '${destination}'` }) // prettier-ignore
  if (fate === 'refused') throw invalid('You have insufficient funds in your Stripe account for this transfer.', { code: 'balance_insufficient' }) // prettier-ignore
  const id = newId('po')
  const movement = moveBalance(bank, { type: 'payout', source: id, amount: -amount, currency })
  const payout = bank.state.put({
    ...{ id, object: 'payout', created: bank.now(), livemode: false, amount, currency, destination, automatic: false },
    ...{
      arrival_date: bank.now() + DAY_SECONDS,
      balance_transaction: movement.id,
      status: 'pending',
      method: 'standard',
    },
    ...{ description: textOf(parameters, 'description') ?? null, metadata: recordOf(parameters, 'metadata') },
    ...{ failure_code: null, failure_message: null, failure_balance_transaction: null, type: 'bank_account' },
  })
  bank.emit('payout.created', payout)
  bank.later(fate, id)
  return payout
}

const failPayout = (bank: Bank, payout: Row): void => {
  const { id, amount, currency } = payout
  const back = moveBalance(bank, {
    type: 'payout_failure',
    source: id,
    amount: Number(amount),
    currency: String(currency),
  })
  const failure = { failure_code: 'account_closed', failure_message: 'The bank account has been closed.' }
  bank.emit('payout.failed', bank.state.put({ ...payout, ...failure, status: 'failed', failure_balance_transaction: back.id })) // prettier-ignore
}
