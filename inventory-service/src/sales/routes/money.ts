import { dryRunQuery, rehearsed } from '@countinghouse/shared/http/dryRun'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, pageQuery } from '@countinghouse/shared/http/fields'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { getSale } from '../commands/deps.js'
import { cancelCardPayment, payByCard, type CardDeps } from '../commands/cardPayments.js'
import { refundCard } from '../commands/cardRefunds.js'
import { previewPayment, recordPayment, recordRefund } from '../commands/payments.js'
import { returnGoods } from '../commands/steps.js'
import { listOfBill, salePayments, saleRefunds, saleReturns } from '../records.js'
import { PaidView, PaymentView, RefundView, ReturnView, toPaidView, toPaymentView, toRefundView, toReturnView } from '../view.js' // prettier-ignore
import { askerOf } from '../../asking.js'
import { params, reader, tag, writer, type RouteDeps } from './asking.js'
import { bodiesIn } from './bodies.js'
import { paidExample, paymentExample, refundExample, returnExample } from './examples.js'

const list = { method: 'get', tag, access: reader, params, query: z.object(pageQuery), list: true } as const
const post = { method: 'post', tag, access: writer, status: 201, idempotent: true, params } as const
const notFound = ['sale_not_found']

type MoneyDeps = RouteDeps & CardDeps

export const moneyEndpoints = (deps: MoneyDeps) => [
  ...listEndpoints(deps),
  paymentEndpoint(deps),
  cancelPaymentEndpoint(deps),
  refundEndpoint(deps),
  returnEndpoint(deps),
]

const listEndpoints = ({ db }: RouteDeps) => [
  endpoint({
    ...{ ...list, path: '/sales/:bill_number/payments', summary: 'List the attempts to pay a bill, oldest first' },
    reads: { data: 'financial', of: 'sale' },
    ...{ view: PaymentView, refusals: notFound, example: { view: [paymentExample] } },
    handle: async ({ params: { bill_number: number }, query, user }) => {
      await getSale(readsOn(db), number, askerOf(user))
      return (await listOfBill(readsOn(db), salePayments, number, query)).map(toPaymentView)
    },
  }),
  endpoint({
    ...{ ...list, path: '/sales/:bill_number/refunds', summary: 'List what was paid back of a bill, oldest first' },
    reads: { data: 'financial', of: 'sale' },
    ...{ view: RefundView, refusals: notFound, example: { view: [refundExample] } },
    handle: async ({ params: { bill_number: number }, query, user }) => {
      await getSale(readsOn(db), number, askerOf(user))
      return (await listOfBill(readsOn(db), saleRefunds, number, query)).map(toRefundView)
    },
  }),
  endpoint({
    ...{ ...list, path: '/sales/:bill_number/returns', summary: 'List the credit notes of a bill, oldest first' },
    reads: { data: 'financial', of: 'sale' },
    ...{ view: ReturnView, refusals: notFound, example: { view: [returnExample] } },
    handle: async ({ params: { bill_number: number }, query, user }) => {
      await getSale(readsOn(db), number, askerOf(user))
      return (await listOfBill(readsOn(db), saleReturns, number, query)).map(toReturnView)
    },
  }),
]

const isPending = ({ status }: { status: string }): boolean => status === 'pending'

const paymentEndpoint = (deps: MoneyDeps) =>
  endpoint({
    ...{ ...post, path: '/sales/:bill_number/payments', query: z.object(dryRunQuery) },
    summary: 'Pay a bill, in whole or in part',
    body: bodiesIn(deps.approvalRules.currency).Payment,
    view: PaidView,
    isOpen: isPending,
    refusals: [...notFound, 'sale_cancelled', 'nothing_due', 'payment_under_way', 'exceeds_bill', 'payment_declined'],
    example: { body: { amount: 300, method: 'cash', reference: 'Receipt 17' }, view: paidExample },
    handle: async ({ params: { bill_number: number }, query, body, user, claim, once, answering }) => {
      const [step, { amount: amountMinor, method, reference }] = [{ number, by: askerOf(user) }, body]
      if (query.dry_run) {
        const would = await previewPayment(readsOn(deps.db), step, { amountMinor, method, reference }, deps.now())
        return rehearsed(PaidView, toPaidView(would))
      }
      if (method !== 'card') {
        const asked = { amountMinor, method, reference }
        return once(async (tx) => toPaidView(await recordPayment(tx, step, asked, deps.now())))
      }
      const asked = { amountMinor, paymentMethod: body.payment_method, reference, claim }
      return answering(async (writes) =>
        toPaidView(await payByCard(deps, step, asked, (paid) => writes(toPaidView(paid)))),
      )
    },
  })

const cancelPaymentEndpoint = (deps: MoneyDeps) =>
  endpoint({
    ...{ method: 'post', tag, access: writer, idempotent: true, view: PaidView },
    path: '/sales/:bill_number/payments/:payment_id/cancel',
    summary: 'Give up a card payment that waits for its payer, so that the bill can be paid otherwise',
    params: params.extend({ payment_id: Id }),
    refusals: [...notFound, 'payment_not_found', 'payment_settled'],
    example: { view: { ...paidExample, method: 'card', status: 'failed', payment_status: 'failed', amount_due: 700 } },
    handle: ({ params: { bill_number: number, payment_id: id }, user, answering }) =>
      answering(async (writes) => {
        const step = { number, by: askerOf(user) }
        return toPaidView(await cancelCardPayment(deps, step, id, (paid) => writes(toPaidView(paid))))
      }),
  })

const refundEndpoint = (deps: MoneyDeps) =>
  endpoint({
    ...{ ...post, path: '/sales/:bill_number/refunds' },
    summary: 'Pay back what we owe the customer, or a payment that was made in error',
    body: bodiesIn(deps.approvalRules.currency).Refund,
    view: RefundView,
    isOpen: isPending,
    refusals: [...notFound, 'payment_not_found', 'exceeds_payments'],
    example: { body: { amount: 100, method: 'cash', reason: 'Paid twice' }, view: refundExample },
    handle: ({ params: { bill_number: number }, body, user, claim, once, answering }) => {
      const { amount: amountMinor, method, reference, reason, payment_id: salePaymentId } = body
      if (method === 'card')
        return answering(async (writes) => {
          const card = { amountMinor, reference, reason, salePaymentId: salePaymentId ?? '', claim }
          const step = { number, by: askerOf(user) }
          return toRefundView(await refundCard(deps, step, card, (refund) => writes(toRefundView(refund))))
        })
      const asked = { amountMinor, method, reference, reason }
      return once(async (tx) => toRefundView(await recordRefund(tx, { number, by: askerOf(user) }, asked, deps.now())))
    },
  })

const returnEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ ...post, path: '/sales/:bill_number/returns' },
    summary: 'Take goods back: they enter the stock at what they cost, and a credit note lessens the bill',
    body: bodiesIn(deps.approvalRules.currency).Return,
    view: ReturnView,
    refusals: [...notFound, 'sale_cancelled', 'return_above_sold', 'stock_busy'],
    example: {
      body: { line_items: [{ item_id: 'bottle-500ml-a', quantity: 10 }], reason: 'Caps leak' },
      view: returnExample,
    },
    handle: ({ params: { bill_number: number }, body: { line_items, restock, reason }, user, ifMatch, answering }) =>
      answering(async (writes) => {
        const lines = line_items.map(({ item_id: itemId, quantity }) => ({ itemId, quantity }))
        const step = { number, by: askerOf(user), ifMatch }
        const { record } = await returnGoods(deps, step, { lines, restock, reason }, (back) =>
          writes(toReturnView(back.record)),
        )
        return toReturnView(record)
      }),
  })
