/** What each of the house's accounts is in a statement of profit and loss; all others are what it has and owes. */
const REVENUE = ['sales_revenue', 'sales_returns', 'sales_discounts']
const OTHER_INCOME = ['interest_income', 'fee_income', 'penalty_income', 'recovery_income', 'commission_income', 'shipping_income'] // prettier-ignore
const COST_OF_SALES = ['cost_of_goods_sold', 'production_costs', 'stock_variance']
const OTHER_COSTS = ['loan_write_offs', 'loan_provisions', 'waivers', 'write_offs', 'provider_fees', 'dispute_losses', 'rounding'] // prettier-ignore
const ASSETS = ['bank', 'cash', 'payment_provider', 'disputes_held', 'loans_receivable', 'loan_loss_allowance', 'interest_receivable', 'fees_receivable', 'penalties_receivable', 'receivables', 'supplier_advances', 'input_tax', 'inventory', 'clearing'] // prettier-ignore
const EQUITY = ['capital', 'opening_balances']

export type Section = 'revenue' | 'cost_of_sales' | 'other_income' | 'other_costs'
export type AccountType = 'asset' | 'liability' | 'equity' | 'income' | 'expense'

export const sectionOf = (account: string): Section | undefined => {
  if (REVENUE.includes(account)) return 'revenue'
  if (COST_OF_SALES.includes(account)) return 'cost_of_sales'
  if (OTHER_INCOME.includes(account)) return 'other_income'
  return OTHER_COSTS.includes(account) ? 'other_costs' : undefined
}

export const typeOf = (account: string): AccountType => {
  const section = sectionOf(account)
  if (section) return section === 'revenue' || section === 'other_income' ? 'income' : 'expense'
  if (ASSETS.includes(account)) return 'asset'
  return EQUITY.includes(account) ? 'equity' : 'liability'
}

/** All wallets together, as the books of the house see them. */
export const WALLETS = 'wallets'

/** `house:bank:USD` is `bank`; a wallet is one of the wallets. */
export const accountNameOf = (accountId: string): string => /^house:([a-z_]+):[A-Z]{3}$/.exec(accountId)?.[1] ?? WALLETS

export type AccountSum = { account: string; debitMinor: bigint; creditMinor: bigint }

/** What an account comes to, on the side on which its kind grows. */
export const balanceOf = ({ account, debitMinor, creditMinor }: AccountSum): bigint => {
  const type = typeOf(account)
  return type === 'asset' || type === 'expense' ? debitMinor - creditMinor : creditMinor - debitMinor
}

export type ProfitAndLoss = Record<'revenue' | 'costOfSales' | 'grossProfit' | 'otherIncome' | 'otherCosts' | 'profit', bigint> // prettier-ignore

export const profitAndLoss = (sums: readonly AccountSum[]): ProfitAndLoss => {
  const total = (section: Section) =>
    sums.filter(({ account }) => sectionOf(account) === section).reduce((sum, one) => sum + balanceOf(one), 0n)
  const [revenue, costOfSales] = [total('revenue'), total('cost_of_sales')]
  const [otherIncome, otherCosts] = [total('other_income'), total('other_costs')]
  const grossProfit = revenue - costOfSales
  return { revenue, costOfSales, grossProfit, otherIncome, otherCosts, profit: grossProfit + otherIncome - otherCosts }
}
