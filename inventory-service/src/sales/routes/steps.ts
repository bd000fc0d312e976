import { endpoint } from '@countinghouse/shared/http/endpoint'
import { z } from 'zod'
import { cancelSale, deleteSale, editSale, shipSale } from '../commands/steps.js'
import { SaleView } from '../view.js'
import { askerOf } from '../../asking.js'
import { params, tag, viewOf, writer, type RouteDeps } from './asking.js'
import { bodiesIn } from './bodies.js'
import { cancelledExample, saleExample, shippedExample } from './examples.js'

const refusals = ['sale_not_found', 'sale_cancelled', 'sale_step_refused', 'version_conflict']
const cancelRefusals = [...refusals, 'payment_under_way', 'stock_busy']
const step = { tag, access: writer, params, view: SaleView } as const

export const stepEndpoints = (deps: RouteDeps) => [
  endpoint({
    ...step,
    method: 'patch',
    path: '/sales/:bill_number',
    summary: 'Change when a bill falls due and its notes, or ship or cancel the sale',
    body: bodiesIn(deps.approvalRules.currency).Edit,
    refusals: [...cancelRefusals, 'due_before_sale'],
    example: { body: { due_date: '2026-02-01' }, view: { ...saleExample, due_date: '2026-02-01', version: 2 } },
    handle: ({ params: { bill_number: number }, body: { status, due_date: dueOn, notes }, user, ifMatch, ...how }) => {
      const asked = { number, by: askerOf(user), ifMatch }
      if (status === 'cancelled')
        return how.answering(async (writes) =>
          viewOf(deps)(await cancelSale(deps, asked, (sale) => writes(viewOf(deps)(sale)))),
        )
      if (status === 'shipped') return how.once(async (tx) => viewOf(deps)(await shipSale(tx, asked, deps.now())))
      const edits = { ...(dueOn !== undefined && { dueOn }), ...(notes !== undefined && { notes }) }
      return how.once(async (tx) => viewOf(deps)(await editSale(tx, asked, edits, deps.now())))
    },
  }),
  endpoint({
    ...step,
    ...{ method: 'post', path: '/sales/:bill_number/ship', summary: 'Say that the goods have left', idempotent: true },
    ...{ refusals, example: { view: shippedExample } },
    handle: ({ params: { bill_number: number }, user, ifMatch, once }) =>
      once(async (tx) => viewOf(deps)(await shipSale(tx, { number, by: askerOf(user), ifMatch }, deps.now()))),
  }),
  endpoint({
    ...step,
    ...{ method: 'post', path: '/sales/:bill_number/cancel', idempotent: true },
    summary: 'Cancel a sale before its goods leave: they are in stock again, and the number stays',
    ...{ refusals: cancelRefusals, example: { view: cancelledExample } },
    handle: ({ params: { bill_number: number }, user, ifMatch, answering }) =>
      answering(async (writes) => {
        const asked = { number, by: askerOf(user), ifMatch }
        return viewOf(deps)(await cancelSale(deps, asked, (sale) => writes(viewOf(deps)(sale))))
      }),
  }),
  endpoint({
    ...step,
    ...{ method: 'delete', path: '/sales/:bill_number', status: 204, view: z.void() },
    summary: 'Cancel a sale and take it from sight; its number, moves and entries stay',
    refusals: ['sale_not_found', 'sale_step_refused', 'sale_has_payments', 'payment_under_way', 'version_conflict', 'stock_busy'], // prettier-ignore
    handle: async ({ params: { bill_number: number }, user, ifMatch }) => {
      await deleteSale(deps, { number, by: askerOf(user), ifMatch })
    },
  }),
]
