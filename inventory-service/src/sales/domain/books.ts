import type { HouseAccount } from '@countinghouse/shared/contracts/books'
import { sum } from './pricing.js'
import { creditMinor, dueMinor, type Sale } from './sale.js'
import type { GoodsBack, ReturnedLine } from './steps.js'

/** What a step does to accounts of the house: above zero a debit, below zero a credit. */
export type Sides = { [Account in HouseAccount]?: bigint }

/** What each step of a sale owes the books; each balances, and all together leave what is due as receivable. */
export const bookSale = (sale: Sale): Sides => ({
  receivables: sale.totalMinor,
  sales_discounts: sale.discountMinor,
  sales_revenue: -sale.subtotalMinor,
  tax: -sale.taxMinor,
  cost_of_goods_sold: sale.costMinor,
  inventory: -sale.costMinor,
})

/** Goods came back, or never left; what was damaged is not restocked, and its cost stays with what was sold. */
export const bookGoodsBack = (
  before: Sale,
  { sale: after, returned }: GoodsBack,
  restocked: readonly ReturnedLine[],
): Sides => {
  const costMinor = sum(restocked.map((line) => line.costMinor))
  return {
    sales_returns: sum(returned.map(({ netMinor }) => netMinor)),
    tax: sum(returned.map(({ taxMinor }) => taxMinor)),
    ...owedBetween(before, after),
    inventory: costMinor,
    cost_of_goods_sold: -costMinor,
  }
}

/** Where money comes in and goes out: the till, the bank, or what the card provider holds for us. */
const MONEY_ACCOUNTS = { cash: 'cash', bank: 'bank', card: 'clearing' } as const
export type PaymentMethod = keyof typeof MONEY_ACCOUNTS

export const bookPayment = (before: Sale, after: Sale, method: PaymentMethod): Sides => ({
  [MONEY_ACCOUNTS[method]]: after.paidMinor - before.paidMinor,
  ...owedBetween(before, after),
})

/** Money that went back; with the sales the other way round, a refund that did not arrive. */
export const bookRefund = (before: Sale, after: Sale, method: PaymentMethod): Sides => ({
  ...owedBetween(before, after),
  [MONEY_ACCOUNTS[method]]: before.refundedMinor - after.refundedMinor,
})

/** What lessens what the customer owes, and what goes beyond that is owed to the customer. */
const owedBetween = (before: Sale, after: Sale): Sides => ({
  receivables: dueMinor(after) - dueMinor(before),
  refunds_payable: creditMinor(before) - creditMinor(after),
})
