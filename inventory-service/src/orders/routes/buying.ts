import { actorOf } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, text } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import { LINES_MAX, QUANTITY_MAX } from '../../carts/domain/cart.js'
import { getVisibleOrder } from '../access.js'
import { checkOut } from '../commands/checkOut.js'
import type { Deps } from '../commands/deps.js'
import { askReturn } from '../commands/returns.js'
import { cancelOwn } from '../commands/status.js'
import { ORDER_PAYMENT_METHODS } from '../domain/order.js'
import { orderBody, orderExample } from '../examples.js'
import { OrderView, toOrderView } from '../view.js'

const tag = 'Orders'
const buyer = ['customer', 'vendor'] as const
const params = z.object({ number: z.string().max(40) })
const quantity = z.number().int().min(1).max(QUANTITY_MAX)
const Items = z
  .array(z.strictObject({ product: z.string().min(1).max(100), quantity }))
  .min(1)
  .max(LINES_MAX)

const OrderBody = z.strictObject({
  items: Items.optional().meta({ description: 'Without it, what is in the cart' }),
  shipping: z.strictObject({
    ...{ name: text(200), address: text(300), city: text(100), postal_code: text(20), country: text(100) },
    phone: text(40).nullable().default(null),
  }),
  payment_method: z.enum(ORDER_PAYMENT_METHODS),
  coupon: z.string().max(40).optional(),
})

const placeRefusals = [
  ...['product_not_found', 'insufficient_stock', 'cart_empty', 'cart_changed', 'price_changed', 'stock_busy'],
  ...[
    'coupon_not_found',
    'coupon_not_valid',
    'coupon_below_minimum',
    'coupon_used_up',
    'payment_refused',
    'insufficient_funds',
  ],
]

export const buyingEndpoints = (deps: Deps) => [
  ...['/orders', '/orders/create'].map((path) => placeEndpoint(deps, path)),
  cancelEndpoint(deps),
  returnEndpoint(deps),
]

const placeEndpoint = (deps: Deps, path: string) =>
  endpoint({
    method: 'post',
    path,
    aliasOf: '/orders',
    summary: 'Order what is named or what is in the cart; the answer says how to pay',
    ...{ tag, access: buyer, status: 201, idempotent: true },
    body: OrderBody,
    view: OrderView,
    refusals: placeRefusals,
    example: { body: orderBody, view: orderExample },
    handle: ({ body, user, authorization, claim, answering }) =>
      answering(async (answerWrites) => {
        const { postal_code: postalCode, ...address } = body.shipping
        const asked = {
          ...{ items: body.items, coupon: body.coupon, method: body.payment_method },
          shipping: { ...address, postalCode },
        }
        const answer = (order: Parameters<typeof toOrderView>[0]) => answerWrites(toOrderView(order))
        return toOrderView(await checkOut(deps, asked, { buyer: { ...user, authorization }, claim, answer }))
      }),
  })

const cancelEndpoint = (deps: Deps) =>
  endpoint({
    method: 'post',
    path: '/orders/:number/cancel',
    summary: 'Cancel an order that is pending; its goods go back into the stock once',
    ...{ tag, access: [...buyer, 'admin'] },
    params,
    view: OrderView,
    refusals: ['order_not_found', 'order_step_refused', 'stock_busy'],
    example: { view: { ...orderExample, status: 'cancelled', cancel_reason: 'customer' } },
    handle: async ({ params: { number }, user }) => {
      await getVisibleOrder(deps, number, user)
      return toOrderView(await cancelOwn(deps, number, actorOf(user)))
    },
  })

const returnEndpoint = (deps: Deps) =>
  endpoint({
    method: 'post',
    path: '/orders/:number/returns',
    summary: 'Announce what of an order comes back',
    ...{ tag, access: buyer, status: 201, idempotent: true },
    params,
    body: z.strictObject({ items: Items, reason: text(500) }),
    view: OrderView,
    refusals: [
      ...['order_not_found', 'return_not_possible', 'return_too_late', 'return_above_ordered', 'cart_item_not_found'],
    ],
    example: { body: { items: [{ product: 'blue-mug', quantity: 1 }], reason: 'It leaks' }, view: orderExample },
    handle: ({ params: { number }, body: { items, reason }, user, answering }) =>
      answering(async (answerWrites) => {
        await getVisibleOrder(deps, number, user)
        const asked = { orderNumber: number, lines: items, reason }
        return toOrderView(await askReturn(deps, asked, (order) => answerWrites(toOrderView(order))))
      }),
  })

export const returnParams = params.extend({ returnId: Id })
