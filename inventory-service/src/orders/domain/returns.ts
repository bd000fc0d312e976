import { divideRounded } from '@countinghouse/shared/money'
import { refuse } from '../../errors.js'
import { newRefund } from './steps.js'
import { stepped, type Order, type OrderLine, type Return, type ReturnLine } from './order.js'

export type AskedReturn = { id: string; lines: ReturnLine[]; reason: string }

const DAY_MS = 24 * 3600_000

/** The buyer wants to give goods back. */
export const requestReturn = (order: Order, { id, lines, reason }: AskedReturn, days: number, at: Date): Order => {
  const since = order.deliveredAt ?? order.shippedAt
  if (!since || !['shipped', 'delivered'].includes(order.status))
    throw refuse('return_not_possible', { order_number: order._id })
  if (at.getTime() - since.getTime() > days * DAY_MS) throw refuse('return_too_late', { days })
  const wanted: Return = { id, lines, reason, status: 'requested', refundMinor: 0n, requestedAt: at, decidedAt: null }
  const open = [...order.returns.filter(({ status }) => status === 'requested'), wanted].flatMap((one) => one.lines)
  for (const { product, quantity, returned } of order.lines)
    assertNotMore(product, quantity - returned, quantityOf(open, product))
  for (const { product } of lines)
    if (!order.lines.some((line) => line.product === product)) throw refuse('cart_item_not_found', { item: product })
  return stepped(order, { returns: [...order.returns, wanted] }, at)
}

const assertNotMore = (product: string, available: number, requested: number): void => {
  if (requested > available) throw refuse('return_above_ordered', { product, available, requested })
}

const quantityOf = (lines: readonly ReturnLine[], product: string): number =>
  lines.reduce((sum, line) => (line.product === product ? sum + line.quantity : sum), 0)

/** What comes back of one line: so many, at what they cost, for what was paid for them. */
export type GoodsBack = {
  line: OrderLine
  index: number
  quantity: number
  costMinor: bigint
  netMinor: bigint
  taxMinor: bigint
}

export type Received = { order: Order; goods: GoodsBack[]; refundMinor: bigint }

/** The goods are here: their price and tax go back, not the shipping. */
export const receiveReturn = (order: Order, id: string, at: Date): Received => {
  const wanted = getRequested(order, id)
  const goods = order.lines.flatMap((line, index) => {
    const quantity = quantityOf(wanted.lines, line.product)
    return quantity === 0 ? [] : [{ line, index, quantity, ...shareOf(line, quantity) }]
  })
  const refundMinor = goods.reduce((sum, { netMinor, taxMinor }) => sum + netMinor + taxMinor, 0n)
  const lines = order.lines.map((line, index) => {
    const back = goods.find((one) => one.index === index)
    return back ? { ...line, returned: line.returned + back.quantity } : line
  })
  const received: Return = { ...wanted, status: 'received', refundMinor, decidedAt: at }
  const owesRefund = order.paymentStatus !== 'pending' && refundMinor > 0n && order.method !== 'cash_on_delivery'
  const refund = owesRefund
    ? { refunds: [...order.refunds, newRefund(order, refundMinor, `Return ${id}`, at)], dueAt: at }
    : {}
  return { order: stepped(order, { lines, returns: replaced(order, received), ...refund }, at), goods, refundMinor }
}

export const rejectReturn = (order: Order, id: string, at: Date): Order => {
  const rejected: Return = { ...getRequested(order, id), status: 'rejected', decidedAt: at }
  return stepped(order, { returns: replaced(order, rejected) }, at)
}

const replaced = ({ returns }: Order, changed: Return): Return[] =>
  returns.map((one) => (one.id === changed.id ? changed : one))

const getRequested = ({ returns }: Order, id: string): Return => {
  const found = returns.find((one) => one.id === id)
  if (!found) throw refuse('return_not_found', { return_id: id })
  if (found.status !== 'requested') throw refuse('return_decided', { return_id: id, return_status: found.status })
  return found
}

/** The share of so many more of a line: together all shares are exactly the line, whatever the steps. */
const shareOf = (line: OrderLine, quantity: number) => {
  const upTo = (amountMinor: bigint, count: number) =>
    divideRounded(amountMinor * BigInt(count), BigInt(line.quantity), 'half_even')
  const part = (amountMinor: bigint) => upTo(amountMinor, line.returned + quantity) - upTo(amountMinor, line.returned)
  return {
    costMinor: part(line.costMinor ?? 0n),
    netMinor: part(line.subtotalMinor - line.discountMinor),
    taxMinor: part(line.taxMinor),
  }
}
