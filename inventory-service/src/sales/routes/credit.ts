import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { readsOn, type Reads } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { getParty } from '../../parties/commands.js'
import { findCreditTerms, saveCreditTerms } from '../credit.js'
import { owedBy } from '../store.js'
import { reader, type RouteDeps } from './asking.js'
import { bodiesIn } from './bodies.js'

const CreditView = z.object({
  customer_id: z.string(),
  limit: WireAmount.nullable().meta({ description: 'What the customer may owe; null for as much as is sold' }),
  owed: WireAmount,
  available: WireAmount.nullable(),
  currency: z.string(),
  set_by: z.string().nullable(),
  set_at: Timestamp.nullable(),
})

const example = {
  ...{ customer_id: 'CUST-001', limit: 5000, owed: 700, available: 4300, currency: 'USD' },
  ...{ set_by: 'user:019aa3f0', set_at: '2026-11-21T09:30:00.000Z' },
}
const credit = {
  path: '/trade-customers/:id/credit',
  tag: 'Trade customers',
  params: z.object({ id: z.string().min(1).max(64) }),
  view: CreditView,
  refusals: ['customer_not_found'],
} as const

/** What a customer owes, and may owe. */
export const creditEndpoints = (deps: RouteDeps) => [
  endpoint({
    ...{ ...credit, method: 'get', access: reader, example: { view: example } },
    reads: { data: 'financial', of: 'trade-customer' },
    summary: 'Read what a trade customer owes, and may owe',
    handle: ({ params: { id } }) => creditOf(readsOn(deps.db), deps, id),
  }),
  endpoint({
    ...{ ...credit, method: 'put', access: ['admin'], body: bodiesIn(deps.approvalRules.currency).Credit },
    ...{ example: { body: { limit: 5000 }, view: example } },
    summary: 'Set what a trade customer may owe; null for as much as is sold',
    handle: ({ params: { id }, body: { limit: limitMinor }, user, once }) =>
      once(async (tx) => {
        await getParty(tx, 'customer', id)
        await saveCreditTerms(tx, { customerId: id, limitMinor, by: user.userId, at: deps.now() })
        return creditOf(tx, deps, id)
      }),
  }),
]

const creditOf = async (reads: Reads, { approvalRules: { currency } }: RouteDeps, customerId: string) => {
  await getParty(reads, 'customer', customerId)
  const terms = await findCreditTerms(reads, customerId)
  const owedMinor = await owedBy(reads, customerId)
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor > 0n ? amountMinor : 0n, currency)
  return {
    customer_id: customerId,
    limit: terms ? wire(terms.limitMinor) : null,
    owed: wire(owedMinor),
    available: terms ? wire(terms.limitMinor - owedMinor) : null,
    currency,
    set_by: terms?.setBy ?? null,
    set_at: terms?.setAt.toISOString() ?? null,
  }
}
