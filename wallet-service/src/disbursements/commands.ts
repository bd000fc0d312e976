import { disbursementFailed } from '@countinghouse/shared/contracts/loan'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Refusal } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { walletEvents, walletMoved } from '../ledger/events.js'
import type { Ledger } from '../ledger/ledger.js'
import { findEntryByKey, findWallet, findWalletOf } from '../ledger/store.js'
import { disbursementEntry, disbursementKey } from './domain.js'

export type Deps = { db: Connection; ledger: Ledger; now: () => Date }

export type ApprovedLoan = { loanId: string; userId: string; amountMinor: bigint; currency: string; actor: string }

/** Credits the borrower's wallet with the principal, once per loan for ever. */
export const disburse = async ({ db, ledger }: Deps, loan: ApprovedLoan, inboxWrite: CompanionWrite): Promise<void> => {
  const wallet = await findWalletOf(readsOn(db), loan.userId, loan.currency)
  if (!wallet) throw refuse('wallet_not_found', { user_id: loan.userId, currency: loan.currency })
  const draft = disbursementEntry({ ...loan, entryId: uuidv7(), walletId: wallet._id })
  await ledger.submit({ drafts: [draft], events: walletEvents, companions: () => [inboxWrite] })
}

/** Says that a loan was not paid out, and why; loan-service keeps it approved and can ask again. */
export const reportFailure = (tx: Tx, loan: ApprovedLoan, refusal: Refusal, now: Date): Promise<void> =>
  addToOutbox(
    tx,
    newEvent(disbursementFailed, loan.loanId, {
      loan_id: loan.loanId,
      user_id: loan.userId,
      code: refusal.code,
      reason: refusal.message,
      failed_at: now.toISOString(),
    }),
  )

/** Says once more that a loan was paid out: the answer to a retry that came after the success. */
export const reportAgain = async (tx: Tx, loan: ApprovedLoan): Promise<void> => {
  const entry = await findEntryByKey(tx, disbursementKey(loan.loanId))
  const events: Envelope[] = []
  for (const posting of entry?.postings ?? []) {
    const wallet = await findWallet(tx, posting.accountId)
    if (entry && wallet) events.push(walletMoved(entry, posting, wallet))
  }
  await addToOutbox(tx, ...events)
}
