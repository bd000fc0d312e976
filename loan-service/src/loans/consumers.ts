import { disbursementFailed } from '@countinghouse/shared/contracts/loan'
import { walletCredited } from '@countinghouse/shared/contracts/wallet'
import { on, type Handler } from '@countinghouse/shared/messaging/delivery'
import { creditLoan, failLoanDisbursement } from './commands.js'
import type { Deps } from './deps.js'

/** What becomes of a disbursement, as wallet-service tells it. */
export const walletEventHandlers = (deps: Deps): Handler[] => [
  on(walletCredited, async ({ event: { source, data }, once }) => {
    if (data.reference.kind !== 'disbursement') return
    const { entry_id: entryId, amount_minor: amountMinor, currency } = data
    const received = { entryId, amountMinor, currency, creditedAt: new Date(data.moved_at), by: `service:${source}` }
    await once((tx) => creditLoan(tx, deps, data.reference.id, received))
  }),
  on(disbursementFailed, ({ event: { source, data }, once }) => {
    const { loan_id: loanId, code, reason } = data
    return once((tx) => failLoanDisbursement(tx, deps, loanId, { code, reason, by: `service:${source}` }))
  }),
]
