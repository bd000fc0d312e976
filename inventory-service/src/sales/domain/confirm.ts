import { toWireAmount } from '@countinghouse/shared/money'
import { refuse } from '../../errors.js'
import { wordsOf } from '../../parties/domain.js'
import { sum, type Priced, type PricedLine } from './pricing.js'
import { statesOf, type Sale } from './sale.js'

/** A sale that is priced and not yet made: what is approved, if it has to be. */
export type SaleDraft = Omit<Priced, 'lines'> & {
  lines: (PricedLine & { itemName: string })[]
  saleId: string
  customerId: string
  customerName: string
  warehouseId: string
  currency: string
  taxRateBps: bigint
  /** Null for the customer's terms. */
  dueOn: string | null
  notes: string | null
  createdBy: string
}

export type Confirmation = {
  number: string
  /** What each line took out of stock, at cost. */
  costsMinor: readonly bigint[]
  day: string
  dueOn: string
  now: Date
}

/** The bill of a draft whose goods have been taken from stock. */
export const confirmSale = (draft: SaleDraft, { number, costsMinor, day, dueOn, now }: Confirmation): Sale => {
  const { saleId, customerId, customerName, warehouseId, currency, taxRateBps, notes, createdBy } = draft
  const { subtotalMinor, discountMinor, taxMinor, totalMinor } = draft
  const confirmed = {
    _id: number,
    ...{ saleId, customerId, customerName, warehouseId, currency, taxRateBps, notes, createdBy },
    ...{ subtotalMinor, discountMinor, taxMinor, totalMinor, costMinor: sum(costsMinor) },
    lines: draft.lines.map((line, index) => ({
      ...line,
      costMinor: costsMinor[index] ?? 0n,
      returnedQuantity: 0,
    })),
    ...{ creditedMinor: 0n, paidMinor: 0n, refundedMinor: 0n, underWayMinor: 0n },
    ...{ isShipped: false, lastAttemptFailed: false, shippedAt: null, cancelledAt: null, deletedAt: null },
    ...{ day, dueOn, terms: wordsOf(number, customerId, customerName) },
    ...{ createdAt: now, updatedAt: now, version: 1 },
  }
  return { ...confirmed, ...statesOf(confirmed) }
}

/** Refuses a day on which a bill would be overdue before it is made. */
export const assertDueOn = (dueOn: string, day: string): void => {
  if (dueOn < day) throw refuse('due_before_sale', { due_date: dueOn, date: day })
}

export type Credit = { limitMinor: bigint; owedMinor: bigint }

/** Refuses a sale that takes what a customer owes above the customer's limit. */
export const assertCredit = (
  { customerId, totalMinor, currency }: SaleDraft,
  { limitMinor, owedMinor }: Credit,
): void => {
  if (owedMinor + totalMinor <= limitMinor) return
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, currency)
  throw refuse('credit_limit', {
    customer_id: customerId,
    limit: wire(limitMinor),
    owed: wire(owedMinor),
    requested: wire(totalMinor),
  })
}
