import type { LoanDecision, LoanStatus } from '@countinghouse/shared/contracts/loan'

/** What somebody asks for; income and expenses are yearly, the rate is percent a year as a decimal string. */
export type Application = {
  amountMinor: bigint
  currency: string
  termMonths: number
  purpose: string | null
  incomeMinor: bigint | null
  expensesMinor: bigint | null
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
  status: 'PENDING' | 'FAILED' | 'COMPLETED'
  code: string | null
  reason: string | null
  entryId: string | null
  creditedAt: Date | null
}

export type LoanStep = 'apply' | 'approve' | 'reject' | 'credit' | 'disbursement_failed' | 'disbursement_retry'

/** One step that a loan took: `by` is `user:<id>` or `service:<name>`. */
export type HistoryEntry = { step: LoanStep; status: LoanStatus; by: string; at: Date; reason: string | null }

export type Loan = Application &
  Assessment & {
    _id: string
    customerId: string
    status: LoanStatus
    decision: LoanDecision
    /** The user who entered it, and whether for themselves. */
    enteredBy: string
    ownApplication: boolean
    decidedBy: string | null
    decidedAt: Date | null
    decisionReason: string | null
    disbursement: Disbursement | null
    history: HistoryEntry[]
    createdAt: Date
    updatedAt: Date
    version: number
  }

/** Whose loan it is; without a user there is no wallet yet. */
export type Borrower = { customerId: string; userId: string | null }
