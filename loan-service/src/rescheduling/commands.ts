import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { NewTerms } from '../engine/events.js'
import { assertAmortizes } from '../engine/schedule.js'
import type { LoanState } from '../engine/state.js'
import { refuseField } from '../errors.js'
import { getOthersLoan } from '../loans/access.js'
import type { Loan } from '../loans/domain/loan.js'
import { assertTakesStep } from '../loans/domain/steps.js'
import { toTerms } from '../loans/domain/terms.js'
import { assertNothingUnderWay, expectedOf } from '../movements/commands/begin.js'
import type { Deps } from '../movements/commands/deps.js'
import { recordFor } from '../movements/commands/settle.js'

export type { Deps }

export type Rescheduled = { loan: Loan; before: LoanState; after: LoanState }
export type Asked = { loanId: string; userId: string; reason: string; terms: NewTerms }

/** Agrees new terms for what is still owed; the history stays, and the loan counts as restructured from then on. */
export const reschedule = async (
  tx: Tx,
  deps: Deps,
  { loanId, userId, reason, terms }: Asked,
): Promise<Rescheduled> => {
  const loan = await getOthersLoan(tx, deps, loanId, { userId })
  assertTakesStep(loan, 'reschedule')
  await assertNothingUnderWay(tx, loan)
  const [before, at] = [await expectedOf(tx, deps, loan), deps.now()]
  const today = deps.rules.dayOf(at)
  if (terms.firstDueDate <= today) throw refuseField('first_due_too_early', 'first_due_date', { today })
  assertAmortizes({ ...toTerms(loan), grace: NO_GRACE, ...terms, amountMinor: before.owed.principal }, today)
  const { loan: rescheduled, state: after } = await recordFor(tx, deps, loan, {
    ...{ step: 'reschedule', happening: { kind: 'rescheduled', terms }, on: today, key: `rescheduled:${uuidv7()}` },
    ...{ by: `user:${userId}`, at, reason },
  })
  return { loan: rescheduled, before, after }
}

const NO_GRACE = { principalPeriods: 0, moratoriumPeriods: 0, moratoriumInterest: 'accrue' } as const
