import { refuser, type RefusalTable } from '@countinghouse/shared/refusal'

/** Every refusal of wallet-service. */
export const refusals = {
  wallet_not_found: { status: 404, sentence: 'Wallet not found' },
  account_not_found: { status: 404, sentence: 'Account not found: {account_id}' },
  wallet_frozen: { status: 409, sentence: 'The wallet is frozen' },
  wallet_closed: { status: 409, sentence: 'The wallet is closed' },
  insufficient_funds: { status: 409, sentence: 'The wallet holds too little for this' },
  balance_limit: { status: 409, sentence: 'The wallet may not hold more than {limit}' },
  entry_exists: { status: 409, sentence: 'This is in the books already, as entry {entry_id}' },
  ledger_busy: { status: 503, sentence: 'The ledger has too much to do, try again shortly' },
} as const satisfies RefusalTable

export const refuse = refuser(refusals)
