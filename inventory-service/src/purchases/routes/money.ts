import { dryRunQuery, rehearsed } from '@countinghouse/shared/http/dryRun'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { askerOf } from '../../asking.js'
import { getPurchase } from '../commands/deps.js'
import { previewPayment, recordPayment, type Paid } from '../commands/pay.js'
import { findPayments } from '../store.js'
import { DryPaidView, PaidView, PaymentView, toPaidView, toPaymentView } from '../view.js'
import { params, reader, tag, writer, type RouteDeps } from './asking.js'
import { moneyIn } from './bodies.js'
import { paidExample, paymentExample, refundExample } from './examples.js'

const refusals = ['purchase_not_found', 'purchase_state', 'version_conflict', 'stock_busy']
const money = { method: 'post', tag, access: writer, status: 201, idempotent: true, params, view: PaidView } as const

export const moneyEndpoints = (deps: RouteDeps) => [paymentEndpoint(deps), refundEndpoint(deps), listEndpoint(deps)]

const paymentEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ ...money, path: '/purchases/:bill_number/payments', body: moneyIn(deps.approvalRules.currency).Payment },
    ...{ query: z.object(dryRunQuery), view: z.union([DryPaidView, PaidView]) },
    summary: 'Record a payment to the supplier, also one ahead of the goods, or an attempt that failed',
    refusals: [...refusals, 'exceeds_bill'],
    example: { body: { amount: 500, method: 'bank', reference: 'TRX-4711' }, view: paidExample },
    handle: async ({ params: { bill_number: number }, query: { dry_run }, body, user, ifMatch, answering }) => {
      const { amount: amountMinor, status: outcome, ...rest } = body
      const asked = { ...rest, amountMinor, outcome, kind: 'payment' as const }
      const step = { number, by: askerOf(user), ifMatch }
      if (dry_run) return rehearsed(DryPaidView, toPaidView(await previewPayment(deps, step, asked)))
      return answering(async (writes) =>
        toPaidView(await recordPayment(deps, step, asked, (paid) => writes(toPaidView(paid)))),
      )
    },
  })

const refundEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ ...money, path: '/purchases/:bill_number/refunds', body: moneyIn(deps.approvalRules.currency).Refund },
    summary: 'Record money that the supplier paid back',
    refusals: [...refusals, 'exceeds_payments'],
    example: { body: { amount: 500, reason: 'Paid twice' }, view: refundExample },
    handle: ({ params: { bill_number: number }, body, user, ifMatch, answering }) =>
      answering(async (writes) => {
        const { amount: amountMinor, ...rest } = body
        const asked = { ...rest, amountMinor, outcome: 'succeeded' as const, kind: 'refund' as const }
        const answer = (paid: Paid) => writes(toPaidView(paid))
        return toPaidView(await recordPayment(deps, { number, by: askerOf(user), ifMatch }, asked, answer))
      }),
  })

const listEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ method: 'get', path: '/purchases/:bill_number/payments', tag, access: reader, params },
    reads: { data: 'financial', of: 'purchase' },
    summary: 'List what was paid, tried and paid back, in its order',
    ...{ view: PaymentView.array(), refusals: ['purchase_not_found'], example: { view: [paymentExample] } },
    handle: async ({ params: { bill_number: number }, user }) => {
      const reads = readsOn(deps.db)
      const { _id, currency } = await getPurchase(reads, number, askerOf(user))
      return (await findPayments(reads, _id)).map((payment) => toPaymentView(payment, currency))
    },
  })
