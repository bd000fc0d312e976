import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { assertAmortizes } from '../engine/schedule.js'
import type { Deps as LoanDeps } from '../loans/deps.js'
import type { Application, Assessment, Borrower, Loan } from '../loans/domain/loan.js'
import { toTerms } from '../loans/domain/terms.js'
import { toLoanApplied } from '../loans/events.js'
import { countOpenLoans, insertLoan } from '../loans/store/loan.js'
import { enter, toApplication, type Asked, type Lending } from './domain.js'

export type Deps = LoanDeps & {
  /** The current version of a product; refuses one that is not offered. Without an id, the house's plain loan. */
  lendingOf: (reads: Reads, productId: string | undefined) => Promise<Lending>
  assess: (application: Application) => Assessment
}

export type NewLoan = {
  asked: Asked
  productId: string | undefined
  borrower: Borrower
  enteredBy: string
  ownApplication: boolean
}

export const enterLoan = async (tx: Tx, deps: Deps, request: NewLoan): Promise<Loan> => {
  const { asked, productId, borrower, ...by } = request
  const { customerId } = borrower
  await deps.borrowers.countLoan(tx, customerId)
  const application = toApplication(asked, await deps.lendingOf(tx, productId))
  assertAmortizes(toTerms(application), deps.rules.dayOf(deps.now()))
  const openLoans = await countOpenLoans(tx, customerId)
  const entry = { loanId: uuidv7(), customerId, ...by, openLoans, at: deps.now() }
  const loan = enter(application, deps.assess(application), entry, deps.rules)
  await insertLoan(tx, loan)
  await addToOutbox(tx, toLoanApplied(loan))
  return loan
}
