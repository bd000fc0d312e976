import { owedOf, type Purchase } from './purchase.js'

type Account = 'inventory' | 'input_tax' | 'stock_variance' | 'bank' | 'cash' | 'payables' | 'supplier_advances'

/** What a step does to the accounts of the house: above zero a debit, below zero a credit. */
export type Sides = { readonly [Name in Account]?: bigint }

/** The sides of a step with what it changes between the house and its supplier: what is paid ahead of goods is an advance. */
export const withSettlement = (before: Purchase | undefined, after: Purchase, sides: Sides): Sides => {
  const [was, is] = [before ? balanceOf(before) : 0n, balanceOf(after)]
  return {
    ...sides,
    payables: atLeastZero(was) - atLeastZero(is),
    supplier_advances: atLeastZero(-is) - atLeastZero(-was),
  }
}

/** Above zero the house owes its supplier; below zero the supplier owes goods or money. */
export const balanceOf = (purchase: Purchase): bigint => owedOf(purchase) - purchase.paidMinor

const atLeastZero = (amountMinor: bigint): bigint => (amountMinor > 0n ? amountMinor : 0n)
