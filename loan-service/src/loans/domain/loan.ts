import type { LoanDecision, LoanStatus } from '@countinghouse/shared/contracts/loan'
import type { Balances } from '../../engine/balances.js'
import type { Bucket } from '../../engine/state.js'
import type { Product } from '../../engine/terms.js'

/** What somebody asks for, on the terms of one version of a product; income and expenses are yearly. */
export type Application = {
  amountMinor: bigint
  currency: string
  termMonths: number
  purpose: string | null
  incomeMinor: bigint | null
  expensesMinor: bigint | null
  productId: string
  productVersion: number
  /** What that version says of how a loan is computed, for the life of the loan. */
  product: Product
  /** Percent a year as a decimal string. */
  annualRate: string
}

/** The risk as it was judged when the loan was entered; later models never rewrite it. */
export type Assessment = {
  riskModelVersion: string
  riskScore: number
  riskReasons: { code: string; contribution: number; value: number | null; message: string }[]
  maxAmountMinor: bigint | null
  minTermMonths: number | null
}

/** How the principal gets to the wallet; `code` and `reason` say why it has not, `entryId` where the books have it. */
export type Disbursement = {
  status: 'PENDING' | 'FAILED' | 'COMPLETED' | 'RETURNED'
  code: string | null
  reason: string | null
  entryId: string | null
  creditedAt: Date | null
  /** How often wallet-service was asked, and when to ask again if it does not answer. */
  attempts: number
  askAgainAt: Date | null
}

/** One person's approval of a loan that may need several. */
export type Vote = { by: string; at: Date; reason: string | null }

export type LoanStep =
  | 'apply'
  | 'vote'
  | 'approve'
  | 'reject'
  | 'withdraw'
  | 'cancel'
  | 'expire'
  | 'disbursement_requested'
  | 'disbursement_failed'
  | 'disbursement_retry'
  | 'disbursement_unanswered'
  | 'credit'
  | 'late_credit'
  | 'repay'
  | 'reverse'
  | 'charge'
  | 'waive'
  | 'reschedule'
  | 'write_off'
  | 'recover'
  | 'undo_write_off'
  | 'refund'
  | 'receive'
  | 'return_credit'
  | 'vote_write_off'

/** One step that a loan took: `by` is `user:<id>` or `service:<name>`. */
export type HistoryEntry = { step: LoanStep; status: LoanStatus; by: string; at: Date; reason: string | null }

/** What the events of a running loan come to, kept with it so that lists need not fold them. */
export type LoanSummary = {
  principalOutstandingMinor: bigint
  /** The due date of the oldest instalment that is not paid in full: before today, the loan is overdue. */
  oldestUnpaidDueOn: string | null
  lastDueOn: string
  /** The day on which this, and what the books show, was so. */
  asOf: string
}

/** The last night whose work is done for a running loan, how late it was then, and of what its borrower is reminded. */
export type LoanNight = {
  on: string
  bucket: Bucket
  /** That an instalment falls due so many days after this, or fell due so many days before. */
  reminded: { dueOn: string; days: number } | null
}

export type Loan = Application &
  Assessment & {
    _id: string
    customerId: string
    status: LoanStatus
    decision: LoanDecision
    /** The user who entered it, and whether for themselves. */
    enteredBy: string
    ownApplication: boolean
    votes: Vote[]
    decidedBy: string | null
    decidedAt: Date | null
    decisionReason: string | null
    /** When an application that nobody decides, or an approval that cannot be paid out, lapses. */
    expiresAt: Date | null
    /** Why a withdrawn loan is withdrawn: `WITHDRAWN`, `CANCELLED` or `EXPIRED`. */
    withdrawal: Withdrawal | null
    disbursement: Disbursement | null
    /** How many events are recorded about it. */
    eventCount: number
    /** What the books show for it; null until it is paid out. */
    booked: Balances | null
    summary: LoanSummary | null
    night: LoanNight | null
    /** Approvals of a write-off that needs several people. */
    writeOffVotes?: Vote[]
    history: HistoryEntry[]
    createdAt: Date
    updatedAt: Date
    version: number
  }

export type Withdrawal = 'WITHDRAWN' | 'CANCELLED' | 'EXPIRED'

/** Whose loan it is; without a user there is no wallet yet. */
export type Borrower = { customerId: string; userId: string | null }
