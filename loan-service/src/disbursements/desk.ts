import { LOAN_STATUSES } from '@countinghouse/shared/contracts/loan'
import { countStates, type Saga } from '@countinghouse/shared/ops/sagas'
import { loans } from '../loans/store/collection.js'

// Asked so often, wallet-service has been silent for minutes.
const ATTEMPTS_MAX = 4

/** A loan from its application to its end; stuck when it is approved and the money does not move. */
export const loanSaga: Saga = {
  name: 'loan',
  states: (reads) => countStates(reads, loans, LOAN_STATUSES),
  stuck: async (reads, _now, limit) => {
    const silent = { 'disbursement.status': 'PENDING' as const, 'disbursement.attempts': { $gte: ATTEMPTS_MAX } }
    const isStuck = [{ 'disbursement.status': 'FAILED' as const }, silent]
    const found = await reads.find(loans, { status: 'APPROVED', $or: isStuck }, { sort: { updatedAt: 1 }, limit })
    return found.map(({ _id, disbursement, updatedAt }) => ({
      id: _id,
      state: disbursement?.status ?? 'PENDING',
      since: updatedAt,
      reason: disbursement?.reason ?? 'The ledger does not answer',
    }))
  },
}
