import type { AccountType } from './domain.js'

/** The house's own accounts: what each is, and so on which side it grows. One of each per currency, opened at need. */
const HOUSE_ACCOUNTS = {
  bank: 'asset',
  loans_receivable: 'asset',
} as const satisfies Record<string, AccountType>

export type HouseAccount = keyof typeof HOUSE_ACCOUNTS

export const houseAccountId = (name: HouseAccount, currency: string): string => `house:${name}:${currency}`

/** What a house account's id says about it; undefined for an id that is none. */
export const parseHouseAccountId = (accountId: string): { type: AccountType; currency: string } | undefined => {
  const [house, name = '', currency = ''] = accountId.split(':')
  const type = (HOUSE_ACCOUNTS as Record<string, AccountType>)[name]
  return house === 'house' && type && currency ? { type, currency } : undefined
}
