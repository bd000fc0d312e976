import { countStates, type Saga } from '@countinghouse/shared/ops/sagas'
import { MOVEMENT_STATUSES } from './domain.js'
import { movements } from './store.js'

const ATTEMPTS_MAX = 4

/** Money between a wallet and the house; stuck when it is owed and refused, or the ledger is silent. */
export const movementSaga: Saga = {
  name: 'movement',
  states: (reads) => countStates(reads, movements, MOVEMENT_STATUSES),
  stuck: async (reads, _now, limit) => {
    const silent = { status: 'PENDING' as const, attempts: { $gte: ATTEMPTS_MAX } }
    const found = await reads.find(movements, { $or: [{ status: 'STUCK' }, silent] }, { sort: { _id: 1 }, limit })
    return found.map(({ _id, status, createdAt, refusal }) => ({
      id: _id,
      state: status,
      since: createdAt,
      reason: refusal?.message ?? 'The ledger does not answer',
    }))
  },
}
