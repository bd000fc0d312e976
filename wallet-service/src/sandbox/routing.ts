import { acceptDispute, answerDispute, createPayout, createRefund } from './aftermath.js'
import { balanceOf, type Bank } from './bank.js'
import { nameOfNumber } from './cards.js'
import { cancelIntent, captureIntent, confirmIntent, createIntent, getIntent } from './intents.js'
import type { Row } from './state.js'
import { WireError, invalid, listOf, missingResource, recordOf, textOf, type Parameters } from './wire.js'

type Act = (bank: Bank, parameters: Parameters) => object
type Route = [method: string, path: RegExp, act: (id: string) => Act]

const routes: Route[] = [
  ['POST', /^\/v1\/payment_intents$/, () => createIntent],
  ['GET', /^\/v1\/payment_intents\/(\w+)$/, (id) => (bank) => getIntent(bank, id)],
  ['POST', /^\/v1\/payment_intents\/(\w+)\/confirm$/, (id) => (bank, given) => confirmIntent(bank, id, given)],
  ['POST', /^\/v1\/payment_intents\/(\w+)\/capture$/, (id) => (bank, given) => captureIntent(bank, id, given)],
  ['POST', /^\/v1\/payment_intents\/(\w+)\/cancel$/, (id) => (bank, given) => cancelIntent(bank, id, given)],
  ['POST', /^\/v1\/payment_methods$/, () => makePaymentMethod],
  ['GET', /^\/v1\/charges\/(\w+)$/, (id) => get('charge', id)],
  ['POST', /^\/v1\/refunds$/, () => createRefund],
  ['GET', /^\/v1\/refunds$/, () => list('refund', 'payment_intent')],
  ['GET', /^\/v1\/refunds\/(\w+)$/, (id) => get('refund', id)],
  ['GET', /^\/v1\/disputes\/(\w+)$/, (id) => get('dispute', id)],
  ['POST', /^\/v1\/disputes\/(\w+)$/, (id) => (bank, given) => answerDispute(bank, id, given)],
  ['POST', /^\/v1\/disputes\/(\w+)\/close$/, (id) => (bank) => acceptDispute(bank, id)],
  ['POST', /^\/v1\/payouts$/, () => createPayout],
  ['GET', /^\/v1\/payouts$/, () => list('payout', 'status')],
  ['GET', /^\/v1\/payouts\/(\w+)$/, (id) => get('payout', id)],
  ['GET', /^\/v1\/balance_transactions$/, () => list('balance_transaction', 'source')],
  ['GET', /^\/v1\/balance$/, () => balance],
]

/** What answers a request; refused as the provider refuses an address that it does not know. */
export const routeOf = (method: string, path: string): Act => {
  for (const [known, pattern, act] of routes) {
    const found = known === method ? pattern.exec(path) : null
    if (found) return act(found[1] ?? '')
  }
  const message = `Unrecognized request URL (${method}: ${path}).`
  throw new WireError(404, { type: 'invalid_request_error', message })
}

const get =
  (object: string, id: string): Act =>
  ({ state }) => {
    const row = state.get(id)
    if (row?.object !== object) throw missingResource(object, id)
    return row
  }

const LIMIT_MAX = 100

/** The newest first, from the one after `starting_after` on. */
const list =
  (object: string, by: string): Act =>
  ({ state }, given) => {
    const [wanted, after, limit] = [
      textOf(given, by),
      textOf(given, 'starting_after'),
      Number(textOf(given, 'limit') ?? 10),
    ]
    if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) throw invalid('Invalid limit', { param: 'limit' })
    const created = recordOf(given, 'created')
    const isWithin = (row: Row) =>
      row.created >= Number(created['gte'] ?? 0) && row.created < Number(created['lt'] ?? Number.MAX_SAFE_INTEGER)
    const rows = state.all(object).filter((row) => isWithin(row) && (wanted === undefined || row[by] === wanted))
    const from = after === undefined ? 0 : rows.findIndex(({ id }) => id === after) + 1
    return listOf(`/v1/${object}s`, rows.slice(from), limit)
  }

const balance: Act = (bank) => {
  const available = [...balanceOf(bank)].map(([currency, amount]) => ({
    amount,
    currency,
    source_types: { card: amount },
  }))
  return { object: 'balance', available, pending: [], livemode: false }
}

const makePaymentMethod: Act = ({ now }, given) => {
  const id = nameOfNumber(recordOf(given, 'card')['number'] ?? '')
  return { id, object: 'payment_method', created: now(), livemode: false, type: 'card' }
}
