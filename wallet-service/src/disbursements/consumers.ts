import { loanApproved } from '@countinghouse/shared/contracts/loan'
import { on } from '@countinghouse/shared/messaging/delivery'
import { Refusal } from '@countinghouse/shared/refusal'
import { disburse, reportAgain, reportFailure, type Deps } from './commands.js'

/** A refused pay-out is an answer, not an error; only a wallet that is not there yet is waited for. */
export const disbursementConsumers = (deps: Deps) => [
  on(loanApproved, async ({ event, once, inboxWrite, lastAttempt }) => {
    const { loan_id: loanId, user_id: userId, amount_minor: amountMinor, currency } = event.data
    if (userId === null) return
    const loan = { loanId, userId, amountMinor, currency, actor: event.actor }
    try {
      await disburse(deps, loan, inboxWrite)
    } catch (error) {
      if (!(error instanceof Refusal) || error.status >= 500) throw error
      if (error.code === 'wallet_not_found' && !lastAttempt) throw new WalletNotOpenYet(userId)
      await once((tx) =>
        error.code === 'entry_exists' ? reportAgain(tx, loan) : reportFailure(tx, loan, error, deps.now()),
      )
    }
  }),
]

/** The registration of the borrower may still be on its way; the retries give it time. */
class WalletNotOpenYet extends Error {
  constructor(userId: string) {
    super(`The wallet of user ${userId} is not open yet`)
  }
}
