import type { Envelope } from '@countinghouse/shared/messaging/event'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import type { Deps } from './deps.js'
import { recordFact, type Fact, type Recorded } from './domain/fact.js'
import type { Loan } from './domain/loan.js'
import { toEntryDue, toEventRecorded } from './events.js'
import { findEvents, insertEvent } from './store/events.js'
import { saveLoan } from './store/loan.js'

/**
 * Records a fact: the event, the loan as it stands by it, what the books are owed, and what others learn of it, with
 * anything more that there is to announce.
 */
export const record = async (
  tx: Tx,
  { rules }: Pick<Deps, 'rules'>,
  loan: Loan,
  { changes = {}, ...fact }: Fact & { changes?: Partial<Loan> },
  announce: (recorded: Recorded) => Envelope[] = () => [],
): Promise<Recorded> => {
  const events = loan.eventCount === 0 ? [] : await findEvents(tx, loan._id)
  const recorded = recordFact(loan, events, fact, { today: rules.dayOf(fact.at), changes })
  await insertEvent(tx, recorded.row)
  await saveLoan(tx, recorded.loan)
  await addToOutbox(
    tx,
    toEventRecorded(recorded),
    ...recorded.entries.map((entry) => toEntryDue(recorded.loan, entry, fact.at)),
    ...announce(recorded),
  )
  return recorded
}
