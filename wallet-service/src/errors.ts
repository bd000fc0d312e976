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
  same_wallet: { status: 422, sentence: 'A wallet cannot pay itself' },
  currency_mismatch: { status: 422, sentence: 'The wallets are in different currencies: {from} and {to}' },
  hold_not_found: { status: 404, sentence: 'Hold not found: {hold_id}' },
  hold_already_captured: { status: 409, sentence: 'The hold is captured already' },
  hold_already_released: { status: 409, sentence: 'The hold is released already' },
  hold_already_expired: { status: 409, sentence: 'The hold has expired' },
  exceeds_hold: { status: 422, sentence: 'No more than {remaining} is held' },
  entry_not_found: { status: 404, sentence: 'Entry not found: {entry_id}' },
  entry_unbalanced: { status: 422, sentence: 'Debits and credits differ in {currency}: {debits} and {credits}' },
  already_reversed: { status: 409, sentence: 'The entry is reversed in full already' },
  not_reversible: { status: 409, sentence: 'An entry of the kind {kind} cannot be reversed' },
  exceeds_entry: { status: 422, sentence: 'No more than {remaining} of the entry is left to reverse' },
  not_divisible: { status: 422, sentence: 'An entry of {postings} postings is reversed in full or not at all' },
  wallet_not_frozen: { status: 409, sentence: 'The wallet is not frozen' },
  wallet_not_empty: { status: 409, sentence: 'A wallet is closed only when nothing is in it, held or on its way' },
  statement_too_long: { status: 422, sentence: 'The statement has more than {rows_max} rows: ask for format=csv' },
  checkpoint_not_found: { status: 404, sentence: 'No such checkpoint of the books is signed yet' },
  verification_running: { status: 409, sentence: 'The books are being verified already' },
  reconciliation_running: { status: 409, sentence: 'The books are being reconciled already' },
  ledger_busy: { status: 503, sentence: 'The ledger has too much to do, try again shortly' },
} as const satisfies RefusalTable

export const refuse = refuser(refusals)
