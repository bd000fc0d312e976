import { paymentSucceeded } from '@countinghouse/shared/contracts/payment'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { openStandIn, type Question, type StandInAnswer } from '@countinghouse/shared/testing/standIn'

/** How the stand-in behaves: it answers, does what it is asked but nobody hears, or does nothing. */
export type OfficeMood = 'answers' | 'is not heard' | 'is down'

export type Intent = {
  id: string
  status: string
  client_secret: string
  amount: string
  order: string
  userId: string
}
export type PaidBack = { id: string; intent: string; amount: string }
type Body = Record<string, unknown>

export type PaymentOffice = {
  url: string
  mood: OfficeMood
  intents: Map<string, Intent>
  refunds: PaidBack[]
  /** What users have in their wallets, in cents. */
  balances: Map<string, bigint>
  asked: number
  intentOf(order: string): Intent | undefined
  /** A card pays the order; answers what wallet-service tells of it. */
  pay(order: string): Envelope
  close(): Promise<void>
}

const minor = (amount: string): bigint => BigInt(amount.replace('.', ''))

/** Stands for wallet-service's payments of orders: one per key, first answers under it, and what is paid is not canceled. */
export const openPaymentOffice = async (): Promise<PaymentOffice> => {
  const standIn = await openStandIn((question) => answer(question))
  const intentOf = (order: string) => [...office.intents.values()].find((intent) => intent.order === order)
  const office: PaymentOffice = {
    ...{ ...standIn, mood: 'answers', intents: new Map(), refunds: [], balances: new Map(), asked: 0, intentOf },
    pay: (order) => {
      const intent = intentOf(order)
      if (!intent || intent.status === 'canceled') throw new Error(`${order} can not be paid`)
      intent.status = 'succeeded'
      return succeeded(intent)
    },
  }
  const answer = answering(office)
  return office
}

/** Answers a question, and the same one again alike; undefined where nobody hears. */
const answering = (office: PaymentOffice) => {
  const answers = new Map<string, StandInAnswer>()
  return ({ method, path, idempotencyKey, text }: Question): StandInAnswer | undefined => {
    office.asked += 1
    if (office.mood === 'is down') return { status: 503, body: {} }
    const { pathname, searchParams } = new URL(path, 'http://office')
    if (method === 'GET') {
      const found = [...office.intents.values()].filter(({ order }) => order === searchParams.get('purpose_id'))
      return { status: 200, body: found }
    }
    const answer = answers.get(idempotencyKey) ?? act(office, pathname, JSON.parse(text) as Body)
    answers.set(idempotencyKey, answer)
    return office.mood === 'is not heard' ? undefined : answer
  }
}

const act = (office: PaymentOffice, path: string, body: Body): StandInAnswer => {
  const canceled = /^\/payments\/intents\/(.+)\/cancel$/.exec(path)?.[1]
  if (canceled !== undefined) return cancel(office, canceled)
  return path === '/refunds' ? refund(office, body) : open(office, body)
}

const open = (office: PaymentOffice, body: Body): StandInAnswer => {
  const amount = String(body['amount'])
  const [order, userId] = [(body['purpose'] as { id: string }).id, String(body['user_id'])]
  const id = `intent-${(office.intents.size + 1).toString()}`
  const intent = { id, status: 'requires_payment_method', client_secret: `secret-${id}`, amount, order, userId }
  office.intents.set(id, intent)
  if (body['payment_method'] !== 'wallet') return { status: 201, body: intent }
  const left = (office.balances.get(userId) ?? 0n) - minor(amount)
  if (left < 0n) return { status: 409, body: { code: 'insufficient_funds', detail: 'Too little' } }
  office.balances.set(userId, left)
  intent.status = 'succeeded'
  return { status: 201, body: intent }
}

const cancel = (office: PaymentOffice, id: string): StandInAnswer => {
  const intent = office.intents.get(id)
  if (!intent) return { status: 404, body: { code: 'payment_not_found', detail: 'No' } }
  if (intent.status === 'succeeded')
    return { status: 409, body: { code: 'payment_status_conflict', detail: 'No', payment_status: intent.status } }
  intent.status = 'canceled'
  return { status: 200, body: intent }
}

const refund = (office: PaymentOffice, body: Body): StandInAnswer => {
  const id = `refund-${(office.refunds.length + 1).toString()}`
  office.refunds.push({ id, intent: String(body['payment_intent']), amount: String(body['amount']) })
  return { status: 201, body: { id, status: 'succeeded' } }
}

const succeeded = ({ id, order, userId, amount }: Intent): Envelope =>
  newEvent(paymentSucceeded, id, {
    ...{ payment_id: id, purpose: { kind: 'order', id: order }, user_id: userId, currency: 'USD' },
    ...{
      amount_minor: minor(amount),
      method: 'card',
      entry_id: `entry-of-${id}`,
      succeeded_at: new Date().toISOString(),
    },
  })
