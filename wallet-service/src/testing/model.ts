import type { AccountStatus } from '../ledger/domain.js'

/** What an account's owner gains or loses; of the house's accounts, what is credited counts as gained. */
export type Change = { account: string; gainMinor: bigint }

type ModelWallet = {
  postedMinor: bigint
  heldMinor: bigint
  comingMinor: bigint
  mostMinor: bigint | null
  status: AccountStatus
}
export type ModelHold = { from: string; to: string; leftMinor: bigint; capturedMinor: bigint; status: string }
export type ModelEntry = { changes: Change[]; leftMinor: bigint; kind: string }

/** The books in the simplest form that can be right: sums, and no machinery. Answers are compared with it. */
export type Model = {
  wallets: Map<string, ModelWallet>
  house: Map<string, bigint>
  holds: Map<string, ModelHold>
  entries: Map<string, ModelEntry>
}

export const emptyModel = (): Model => ({
  wallets: new Map(),
  house: new Map(),
  holds: new Map(),
  entries: new Map(),
})

export const newWallet = (): ModelWallet => ({
  postedMinor: 0n,
  heldMinor: 0n,
  comingMinor: 0n,
  mostMinor: null,
  status: 'open',
})

/** The rules that these changes would break, each by the code it is refused with; `freeMinor` is let go of by the first. */
export const brokenBy = ({ wallets }: Model, changes: readonly Change[], freeMinor = 0n): string[] => {
  const broken: string[] = []
  for (const { account, gainMinor } of changes) {
    const status = wallets.get(account)?.status
    if (status === 'closed') broken.push('wallet_closed')
    if (status === 'frozen' && gainMinor < 0n) broken.push('wallet_frozen')
  }
  for (const account of new Set(changes.map((change) => change.account))) {
    const wallet = wallets.get(account)
    if (!wallet) continue
    const net = changes.reduce((sum, change) => (change.account === account ? sum + change.gainMinor : sum), 0n)
    const freed = account === changes[0]?.account ? freeMinor : 0n
    const availableMinor = wallet.postedMinor - wallet.heldMinor + net + freed
    if (availableMinor < 0n && net + freed < 0n) broken.push('insufficient_funds')
    if (wallet.mostMinor !== null && wallet.postedMinor + net > wallet.mostMinor && net > 0n)
      broken.push('balance_limit')
  }
  return broken
}

export const apply = ({ wallets, house }: Model, changes: readonly Change[]): void => {
  for (const { account, gainMinor } of changes) {
    const wallet = wallets.get(account)
    if (wallet) wallet.postedMinor += gainMinor
    else house.set(account, (house.get(account) ?? 0n) + gainMinor)
  }
}

/** Sets aside, or below zero lets go, for a hold. */
export const setAside = (
  { wallets }: Model,
  { from, to }: Pick<ModelHold, 'from' | 'to'>,
  amountMinor: bigint,
): void => {
  const [payer, payee] = [wallets.get(from), wallets.get(to)]
  if (payer) payer.heldMinor += amountMinor
  if (payee) payee.comingMinor += amountMinor
}
