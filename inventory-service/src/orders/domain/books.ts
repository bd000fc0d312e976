import { divideRounded } from '@countinghouse/shared/money'
import type { HouseAccount } from '@countinghouse/shared/contracts/books'
import type { Order, OrderLine } from './order.js'
import type { GoodsBack } from './returns.js'

/** One line of an entry in the books. */
export type BookLine = { account: HouseAccount; side: 'debit' | 'credit'; amountMinor: bigint }

/** Of what vendors sell the house keeps so much, in hundredths of a per cent. */
export type Commission = { rate: bigint }

/** Where the money of an order waits: with the payment provider or the wallets, or with the buyer until delivery. */
const moneyOf = ({ method }: Order): HouseAccount => (method === 'cash_on_delivery' ? 'receivables' : 'clearing')

/** The goods have left: what the buyer pays, whose it is, and what the goods cost. */
export const bookSale = (order: Order, commission: Commission): BookLine[] => [
  ...lines([moneyOf(order), 'debit', order.totalMinor]),
  ...order.lines.flatMap((line) => earnings(line, line, commission, 'credit')),
  ...lines(['tax', 'credit', order.taxMinor], ['shipping_income', 'credit', order.shippingMinor]),
  ...cost(
    order.lines.map(({ costMinor }) => costMinor ?? 0n),
    'credit',
  ),
]

/** All of it the other way round. */
export const bookTakeBack = (order: Order, commission: Commission): BookLine[] =>
  bookSale(order, commission).map((line) => ({ ...line, side: line.side === 'debit' ? 'credit' : 'debit' }))

export const bookDelivery = (order: Order): BookLine[] =>
  lines(['cash', 'debit', order.totalMinor], ['receivables', 'credit', order.totalMinor])

/** Goods came back, and their price goes back: by the way on which it came, or out of the till. */
export const bookReturn = (order: Order, goods: readonly GoodsBack[], commission: Commission): BookLine[] => {
  const taxMinor = goods.reduce((sum, back) => sum + back.taxMinor, 0n)
  const netMinor = goods.reduce((sum, back) => sum + back.netMinor, 0n)
  const isCash = order.method === 'cash_on_delivery' && order.paidAt !== null
  return [
    ...goods.flatMap(({ line, netMinor: net }) =>
      line.seller === 'house'
        ? lines(['sales_returns', 'debit', net])
        : earnings(line, { subtotalMinor: net, discountMinor: 0n }, commission, 'debit'),
    ),
    ...lines(['tax', 'debit', taxMinor], [isCash ? 'cash' : moneyOf(order), 'credit', netMinor + taxMinor]),
    ...cost(
      goods.map(({ costMinor }) => costMinor),
      'debit',
    ),
  ]
}

type Amounts = Pick<OrderLine, 'subtotalMinor' | 'discountMinor'>

const earnings = (
  { seller }: Pick<OrderLine, 'seller'>,
  { subtotalMinor, discountMinor }: Amounts,
  { rate }: Commission,
  side: BookLine['side'],
): BookLine[] => {
  const other = side === 'credit' ? 'debit' : 'credit'
  if (seller === 'house')
    return lines(['sales_revenue', side, subtotalMinor], ['sales_discounts', other, discountMinor])
  const netMinor = subtotalMinor - discountMinor
  const keptMinor = divideRounded(netMinor * rate, 10_000n, 'half_up')
  return lines(['vendor_payables', side, netMinor - keptMinor], ['commission_income', side, keptMinor])
}

const cost = (costs: readonly bigint[], inventory: BookLine['side']): BookLine[] => {
  const costMinor = costs.reduce((sum, one) => sum + one, 0n)
  const other = inventory === 'credit' ? 'debit' : 'credit'
  return lines(['cost_of_goods_sold', other, costMinor], ['inventory', inventory, costMinor])
}

type Line = [account: HouseAccount, side: BookLine['side'], amountMinor: bigint]

const lines = (...all: Line[]): BookLine[] =>
  all
    .filter(([, , amountMinor]) => amountMinor > 0n)
    .map(([account, side, amountMinor]) => ({ account, side, amountMinor }))
