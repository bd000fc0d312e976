import type { LinkedAccount } from './account.js'
import { kindOf } from './kinds.js'

export type NetWorth = { currency: string; assetsMinor: bigint; debtsMinor: bigint; netMinor: bigint; accounts: number }

/** What a user owns and owes, each currency for itself; an overdrawn account is a debt, and credit overpaid is owned. */
export const netWorthOf = (
  accounts: readonly Pick<LinkedAccount, 'type' | 'currency' | 'balanceMinor'>[],
): NetWorth[] => {
  const sums = new Map<string, NetWorth>()
  for (const { type, currency, balanceMinor } of accounts) {
    const worthMinor = kindOf(type).owes ? -balanceMinor : balanceMinor
    const before = sums.get(currency) ?? { currency, assetsMinor: 0n, debtsMinor: 0n, netMinor: 0n, accounts: 0 }
    sums.set(currency, {
      currency,
      assetsMinor: before.assetsMinor + (worthMinor > 0n ? worthMinor : 0n),
      debtsMinor: before.debtsMinor - (worthMinor < 0n ? worthMinor : 0n),
      netMinor: before.netMinor + worthMinor,
      accounts: before.accounts + 1,
    })
  }
  return [...sums.values()].sort((one, other) => (one.currency < other.currency ? -1 : 1))
}
