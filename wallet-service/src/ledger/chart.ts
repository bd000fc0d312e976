import type { AccountType } from './domain.js'

/** The house's own accounts: what each is, and so on which side it grows. One of each per currency, opened at need. */
const HOUSE_ACCOUNTS = {
  bank: 'asset',
  payment_provider: 'asset',
  loans_receivable: 'asset',
  interest_receivable: 'asset',
  fees_receivable: 'asset',
  penalties_receivable: 'asset',
  receivables: 'asset',
  inventory: 'asset',
  clearing: 'asset',
  payables: 'liability',
  tax: 'liability',
  refunds_payable: 'liability',
  interest_income: 'income',
  fee_income: 'income',
  penalty_income: 'income',
  recovery_income: 'income',
  sales_revenue: 'income',
  cost_of_goods_sold: 'expense',
  write_offs: 'expense',
  provider_fees: 'expense',
  stock_variance: 'expense',
  rounding: 'expense',
} as const satisfies Record<string, AccountType>

export type HouseAccount = keyof typeof HOUSE_ACCOUNTS

export const houseAccountId = (name: HouseAccount, currency: string): string => `house:${name}:${currency}`

/** What a house account's id says about it; undefined for an id that is none. */
export const parseHouseAccountId = (accountId: string): { type: AccountType; currency: string } | undefined => {
  const [house, name = '', currency = ''] = accountId.split(':')
  const type = (HOUSE_ACCOUNTS as Record<string, AccountType>)[name]
  return house === 'house' && type && currency ? { type, currency } : undefined
}
