import { feeOf, moveBalance, type Bank } from './bank.js'
import { cardOf, type Card } from './cards.js'
import { newId, type Row } from './state.js'
import { WireError, amountOf, invalid, missingResource, recordOf, required, textOf, type Parameters } from './wire.js'

const AMOUNT_MIN = 50

export const createIntent = (bank: Bank, parameters: Parameters): Row => {
  const amount = amountOf(required(parameters, 'amount'), 'amount')
  if (amount < AMOUNT_MIN) throw invalid('Amount must be at least $0.50 usd', { code: 'amount_too_small', param: 'amount' }) // prettier-ignore
  const paymentMethod = textOf(parameters, 'payment_method') ?? null
  if (paymentMethod !== null) cardOf(paymentMethod)
  const id = newId('pi')
  const intent = bank.state.put({
    ...{ id, object: 'payment_intent', created: bank.now(), livemode: false, amount },
    ...{ amount_capturable: 0, amount_received: 0, currency: required(parameters, 'currency').toLowerCase() },
    ...{ capture_method: textOf(parameters, 'capture_method') ?? 'automatic', confirmation_method: 'automatic' },
    ...{ client_secret: `${id}_secret_${newId('x').slice(2)}`, description: textOf(parameters, 'description') ?? null },
    ...{ metadata: recordOf(parameters, 'metadata'), payment_method: paymentMethod, payment_method_types: ['card'] },
    ...{ last_payment_error: null, latest_charge: null, next_action: null, processing: null },
    ...{ canceled_at: null, cancellation_reason: null, customer: null, return_url: textOf(parameters, 'return_url') ?? null }, // prettier-ignore
    status: paymentMethod === null ? 'requires_payment_method' : 'requires_confirmation',
  })
  bank.emit('payment_intent.created', intent)
  return textOf(parameters, 'confirm') === 'true' ? confirmIntent(bank, id, {}) : intent
}

export const getIntent = ({ state }: Bank, id: string): Row => {
  const intent = state.get(id)
  if (intent?.object !== 'payment_intent') throw missingResource('payment_intent', id)
  return intent
}

export const confirmIntent = (bank: Bank, id: string, parameters: Parameters): Row => {
  const intent = getIntent(bank, id)
  refuseUnless(intent, ['requires_payment_method', 'requires_confirmation', 'requires_action'], 'confirm')
  const paymentMethod = textOf(parameters, 'payment_method') ?? (intent['payment_method'] as string | null)
  if (paymentMethod === null)
    throw invalid('You cannot confirm this PaymentIntent because it’s missing a payment method.', { code: 'payment_intent_unexpected_state' }) // prettier-ignore
  const card = cardOf(paymentMethod)
  const given = { payment_method: paymentMethod, return_url: textOf(parameters, 'return_url') ?? intent['return_url'] }
  if (!card.authenticates) return charge(bank, bank.state.put({ ...intent, ...given }), card)
  const url = `${bank.publicUrl()}/3d-secure/${id}`
  const waiting = bank.state.put({
    ...{ ...intent, ...given, status: 'requires_action' },
    next_action: { type: 'redirect_to_url', redirect_to_url: { url, return_url: given.return_url } },
  })
  bank.emit('payment_intent.requires_action', waiting)
  return waiting
}

/** The payer comes back from 3-D Secure. */
export const authenticate = (bank: Bank, id: string, succeeded: boolean): Row => {
  const intent = getIntent(bank, id)
  if (intent['status'] !== 'requires_action') return intent
  const card = cardOf(String(intent['payment_method']))
  try {
    if (succeeded) return charge(bank, { ...intent, next_action: null }, card)
    const message = 'The provided PaymentMethod has failed authentication.'
    return fail(bank, { ...intent, next_action: null }, { code: 'payment_intent_authentication_failure', message })
  } catch (error) {
    if (error instanceof WireError) return getIntent(bank, id)
    throw error
  }
}

export const captureIntent = (bank: Bank, id: string, parameters: Parameters): Row => {
  const intent = getIntent(bank, id)
  refuseUnless(intent, ['requires_capture'], 'capture')
  const all = Number(intent['amount_capturable'])
  const asked = textOf(parameters, 'amount_to_capture')
  const amount = asked === undefined ? all : amountOf(asked, 'amount_to_capture')
  if (amount > all) throw invalid('The amount to capture is greater than what is authorized.', { code: 'amount_too_large', param: 'amount_to_capture' }) // prettier-ignore
  return take(bank, intent, amount)
}

const REASONS = ['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned']

export const cancelIntent = (bank: Bank, id: string, parameters: Parameters): Row => {
  const intent = getIntent(bank, id)
  refuseUnless(intent, ['requires_payment_method', 'requires_confirmation', 'requires_action', 'requires_capture'], 'cancel') // prettier-ignore
  const reason = textOf(parameters, 'cancellation_reason') ?? null
  if (reason !== null && !REASONS.includes(reason)) throw invalid(`Invalid cancellation_reason: ${reason}`, { param: 'cancellation_reason' }) // prettier-ignore
  const ended = { status: 'canceled', canceled_at: bank.now(), cancellation_reason: reason, amount_capturable: 0, next_action: null } // prettier-ignore
  const canceled = bank.state.put({ ...intent, ...ended })
  bank.emit('payment_intent.canceled', canceled)
  return canceled
}

const refuseUnless = (intent: Row, statuses: readonly string[], verb: string): void => {
  if (statuses.includes(String(intent['status']))) return
  const status = String(intent['status'])
  throw new WireError(400, {
    ...{ type: 'invalid_request_error', code: 'payment_intent_unexpected_state', payment_intent: intent },
    message: `You cannot ${verb} this PaymentIntent because it has a status of ${status}.`,
  })
}

/** Tries the card; what it declines throws, and leaves the intent waiting for another means. */
const charge = (bank: Bank, intent: Row, card: Card): Row => {
  if (card.decline) return fail(bank, intent, card.decline)
  const { id: chargeId } = putCharge(bank, intent, { paid: true, status: 'succeeded' })
  const charged = { ...intent, latest_charge: chargeId, last_payment_error: null, next_action: null }
  if (intent['capture_method'] !== 'manual') return take(bank, charged, Number(intent['amount']))
  const held = bank.state.put({ ...charged, status: 'requires_capture', amount_capturable: intent['amount'] })
  bank.emit('payment_intent.amount_capturable_updated', held)
  return held
}

const putCharge = ({ state, now }: Bank, intent: Row, outcome: object): Row =>
  state.put({
    ...{ id: newId('ch'), object: 'charge', created: now(), livemode: false, amount: intent['amount'] },
    ...{ amount_captured: 0, amount_refunded: 0, balance_transaction: null, captured: false, disputed: false },
    ...{ currency: intent['currency'], metadata: intent['metadata'], payment_intent: intent.id, refunded: false },
    ...{ payment_method: intent['payment_method'], failure_code: null, failure_message: null, ...outcome },
  })

const take = (bank: Bank, intent: Row, amount: number): Row => {
  const chargeId = String(intent['latest_charge'])
  const currency = String(intent['currency'])
  const movement = moveBalance(bank, { type: 'charge', source: chargeId, amount, fee: feeOf(amount), currency })
  const made = bank.state.get(chargeId)
  if (!made) throw missingResource('charge', chargeId)
  const captured = bank.state.put({
    ...made,
    captured: true,
    amount_captured: amount,
    balance_transaction: movement.id,
  })
  bank.emit('charge.succeeded', captured)
  const paid = bank.state.put({ ...intent, status: 'succeeded', amount_received: amount, amount_capturable: 0 })
  bank.emit('payment_intent.succeeded', paid)
  if (cardOf(String(intent['payment_method'])).disputed !== undefined) bank.later('dispute', chargeId)
  return paid
}

type Failure = { code: string; declineCode?: string; message: string }

const fail = (bank: Bank, intent: Row, { code, declineCode, message }: Failure): never => {
  const failed = putCharge(bank, intent, {
    paid: false,
    status: 'failed',
    failure_code: code,
    failure_message: message,
  })
  const error = {
    ...{ type: 'card_error', code, message, charge: failed.id },
    ...(declineCode !== undefined && { decline_code: declineCode }),
    payment_method: { id: intent['payment_method'], object: 'payment_method', type: 'card' },
  }
  const waiting = bank.state.put({
    ...{ ...intent, status: 'requires_payment_method', payment_method: null },
    ...{ last_payment_error: error, latest_charge: failed.id },
  })
  bank.emit('payment_intent.payment_failed', waiting)
  throw new WireError(402, { ...error, payment_intent: waiting })
}
