import { disbursementFailed } from '@countinghouse/shared/contracts/loan'
import { walletCredited } from '@countinghouse/shared/contracts/wallet'
import { on, type Handler } from '@countinghouse/shared/messaging/delivery'
import { creditLoan, failLoanDisbursement, type Deps } from './commands.js'

/** What becomes of a disbursement, as wallet-service tells it. */
export const disbursementConsumers = (deps: Deps): Handler[] => [
  on(walletCredited, async ({ event: { source, data }, once }) => {
    if (data.reference.kind !== 'disbursement') return
    const { entry_id: entryId, user_id: userId, amount_minor: amountMinor, currency } = data
    const received = {
      entryId,
      userId,
      amountMinor,
      currency,
      creditedAt: new Date(data.moved_at),
      by: `service:${source}`,
    }
    await once((tx) => creditLoan(tx, deps, data.reference.id, received))
  }),
  on(disbursementFailed, ({ event: { source, data }, once }) => {
    const { loan_id: loanId, code, reason } = data
    return once((tx) => failLoanDisbursement(tx, deps, loanId, { code, reason, by: `service:${source}` }))
  }),
]
