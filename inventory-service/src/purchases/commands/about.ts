import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Asker } from '../../asking.js'
import { statusOf, type Approval } from '../../approvals/domain.js'
import { gate, type WaitsForApproval } from '../../approvals/gate.js'
import { findPendingOf } from '../../approvals/store.js'
import type { Purchase } from '../domain/purchase.js'
import { KIND, type Answer, type Deps } from './deps.js'

type About = {
  /** What takes effect. */
  edit: object
  by: Asker
  party: { id: string; name: string }
  amountMinor: bigint
  waiting: Answer<Approval>
}

/** Lets something about a purchase take effect, or puts it before those who approve, in the place of what waits. */
export const submitAbout = async (
  deps: Deps,
  { _id }: Purchase,
  { edit, by, party, amountMinor, waiting }: About,
  act: (writes: CompanionWrite[]) => Promise<Purchase>,
): Promise<Purchase | WaitsForApproval> => {
  const pending = await findPendingOf(readsOn(deps.db), KIND, _id)
  const submission = {
    ...{ kind: KIND, amountMinor, party, addsUp: true, answer: waiting },
    ...{ maker: { userId: by.userId, isAdmin: by.seesAll }, document: { ...edit, number: _id } },
    ...{ subjectId: _id, replaces: pending && statusOf(pending, deps.now()) === 'pending' ? pending._id : undefined },
  }
  return gate(deps, submission, act)
}
