/** What one account of the house, or all wallets of a currency together, stood at; debits count above zero. */
export type LedgerLine = { account: string; currency: string; debitMinor: bigint }

/** The name under which all wallets of a currency stand in a trial balance. */
export const WALLETS = 'wallets'
