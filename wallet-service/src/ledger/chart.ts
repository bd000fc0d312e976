import type { HouseAccount } from '@countinghouse/shared/contracts/books'
import type { AccountType } from './domain.js'

/** The house's own accounts: what each is, and so on which side it grows. One of each per currency, opened at need. */
const TYPES: Readonly<Record<HouseAccount, AccountType>> = {
  bank: 'asset',
  cash: 'asset',
  payment_provider: 'asset',
  disputes_held: 'asset',
  loans_receivable: 'asset',
  // Stands against the loans, so that the assets come to what is expected back; below zero as a rule.
  loan_loss_allowance: 'asset',
  interest_receivable: 'asset',
  fees_receivable: 'asset',
  penalties_receivable: 'asset',
  receivables: 'asset',
  supplier_advances: 'asset',
  input_tax: 'asset',
  inventory: 'asset',
  clearing: 'asset',
  payables: 'liability',
  vendor_payables: 'liability',
  tax: 'liability',
  refunds_payable: 'liability',
  customer_deposits: 'liability',
  customer_credit_balances: 'liability',
  interest_suspense: 'liability',
  capital: 'equity',
  opening_balances: 'equity',
  interest_income: 'income',
  fee_income: 'income',
  penalty_income: 'income',
  recovery_income: 'income',
  commission_income: 'income',
  shipping_income: 'income',
  sales_revenue: 'income',
  sales_returns: 'income',
  sales_discounts: 'income',
  cost_of_goods_sold: 'expense',
  production_costs: 'expense',
  stock_variance: 'expense',
  loan_write_offs: 'expense',
  loan_provisions: 'expense',
  waivers: 'expense',
  write_offs: 'expense',
  provider_fees: 'expense',
  dispute_losses: 'expense',
  rounding: 'expense',
}

export const houseAccountId = (name: HouseAccount, currency: string): string => `house:${name}:${currency}`

const HOUSE_ID = /^house:([a-z_]+):([A-Z]{3})$/

/** What a house account's id says about it; undefined for an id that is none. */
export const parseHouseAccountId = (accountId: string): { type: AccountType; currency: string } | undefined => {
  const [, name = '', currency = ''] = HOUSE_ID.exec(accountId) ?? []
  const type = Object.hasOwn(TYPES, name) && TYPES[name as HouseAccount]
  return type ? { type, currency } : undefined
}
