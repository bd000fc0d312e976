import { z } from 'zod'
import { defineEvent, MinorUnits } from '../messaging/event.js'

/** The house's own accounts, as other services name them in what they send to the books; one of each per currency. */
const HOUSE_ACCOUNTS = [
  ...['bank', 'cash', 'payment_provider', 'clearing', 'capital', 'opening_balances', 'rounding'],
  ...['loans_receivable', 'interest_receivable', 'fees_receivable', 'penalties_receivable'],
  ...['loan_loss_allowance', 'interest_suspense', 'customer_credit_balances'],
  ...['interest_income', 'fee_income', 'penalty_income', 'recovery_income'],
  ...['loan_write_offs', 'loan_provisions', 'waivers', 'write_offs'],
  ...['receivables', 'payables', 'inventory', 'supplier_advances', 'customer_deposits', 'refunds_payable'],
  ...['vendor_payables', 'commission_income', 'shipping_income', 'provider_fees', 'tax', 'input_tax'],
  ...['disputes_held', 'dispute_losses'],
  ...['sales_revenue', 'sales_returns', 'sales_discounts'],
  ...['cost_of_goods_sold', 'stock_variance', 'production_costs'],
] as const

export type HouseAccount = (typeof HOUSE_ACCOUNTS)[number]

const LINES_MAX = 50

/** A document and its step name one fact of the business; of each fact there is one entry, for ever. */
export const DocumentName = z.object({
  kind: z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/),
  id: z.string().regex(/^[^:\s]{1,128}$/),
})
export const DocumentStep = z.string().regex(/^\S{1,120}$/)

const Line = z.object({
  account: z.enum(HOUSE_ACCOUNTS),
  side: z.enum(['debit', 'credit']),
  amount_minor: MinorUnits.refine((amountMinor) => amountMinor > 0n, 'must be above zero'),
})

const isBalanced = (lines: readonly z.output<typeof Line>[]): boolean =>
  lines.reduce((sum, { side, amount_minor }) => (side === 'debit' ? sum + amount_minor : sum - amount_minor), 0n) === 0n

/** A step of a document belongs into the books: one balanced entry between the house's own accounts, made once. */
export const bookEntryDue = defineEvent(
  'books.entry-due',
  1,
  'loan-service',
  z.object({
    document: DocumentName,
    step: DocumentStep,
    currency: z.string().regex(/^[A-Z]{3}$/),
    lines: z.array(Line).min(2).max(LINES_MAX).refine(isBalanced, 'debits and credits differ'),
    description: z.string().min(1).max(500),
    occurred_at: z.iso.datetime(),
  }),
)

/** The same event as another owner of documents sends it. */
export const bookEntryDueBy = (source: string): typeof bookEntryDue => ({ ...bookEntryDue, source })
