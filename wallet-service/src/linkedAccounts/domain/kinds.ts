/** What a detail of an account is: money in the account's currency, percent a year, a whole number, and so on. */
export type DetailType = 'amount' | 'rate' | 'count' | 'day' | 'flag' | 'text'

export type AccountKind = {
  /** Whether its balance is owed, or owned. */
  readonly owes: boolean
  readonly details: Readonly<Record<string, DetailType>>
}

/** The kinds of accounts. One line makes a new one: requests, answers, documents and sums follow from it. */
export const ACCOUNT_KINDS: Readonly<Record<string, AccountKind>> = {
  credit: { owes: true, details: { creditLimit: 'amount', availableCredit: 'amount', apr: 'rate', dueDate: 'day' } },
  loan: { owes: true, details: { principal: 'amount', interestRate: 'rate', remainingTermMonths: 'count' } },
  checking: { owes: false, details: { overdraftProtection: 'flag', routingNumber: 'text' } },
}

export const findKind = (type: string): AccountKind | undefined =>
  Object.hasOwn(ACCOUNT_KINDS, type) ? ACCOUNT_KINDS[type] : undefined

export const kindOf = (type: string): AccountKind => {
  const kind = findKind(type)
  if (!kind) throw new Error(`There is no kind of account called ${type}`)
  return kind
}
