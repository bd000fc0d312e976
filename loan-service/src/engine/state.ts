import type { Balances } from './balances.js'
import type { Day } from './days.js'
import type { Part } from './terms.js'

export type Parts = Record<Part, bigint>

/** How one repayment was used; `credit` is what nothing was owed for, `recovery` what went to a loan written off. */
export type Allocation = Parts & { credit: bigint; recovery: bigint }

/** `LATE` is due and short since an earlier day; what was paid ahead covers what falls due. */
export type InstalmentStatus = 'UPCOMING' | 'DUE' | 'LATE' | 'PAID' | 'RESCHEDULED'

export type Instalment = {
  number: number
  dueDate: Day
  /** What it asks for; interest of a period still open is foretold. */
  due: Parts
  /** Paid or waived. */
  settled: Parts
  totalMinor: bigint
  openMinor: bigint
  /** Principal left when this and all before are paid. */
  balanceMinor: bigint
  status: InstalmentStatus
}

export type LoanStanding = 'UNDISBURSED' | 'ACTIVE' | 'CLOSED' | 'WRITTEN_OFF'

export type Bucket = 'CURRENT' | '1-30' | '31-60' | '61-90' | '90+'

/** A loan at the end of one day, as its events known now tell it. */
export type LoanState = {
  asOf: Day
  status: LoanStanding
  closedOn: Day | null
  disbursedMinor: bigint
  /** What is owed today in each part; interest is accrued to the day. */
  owed: Parts
  /** What pays the loan off today: the sum of `owed`. */
  outstandingMinor: bigint
  dueNowMinor: bigint
  /** The equal instalment as last solved; 0 for the other methods. */
  instalmentMinor: bigint
  instalments: Instalment[]
  /** The next instalment not yet due that still asks for something. */
  nextDue: { date: Day; amountMinor: bigint } | null
  oldestOverdueDate: Day | null
  daysPastDue: number
  bucket: Bucket
  /** Interest still to come if all is paid when due, besides what has accrued. */
  interestToComeMinor: bigint
  /** Principal paid off outside the instalments; with theirs it adds up to what was disbursed. */
  prepaidMinor: bigint
  /** Money of the borrower's that nothing is owed for; to be refunded. */
  creditBalanceMinor: bigint
  restructuredOn: Day | null
  writtenOffOn: Day | null
  writtenOff: Parts | null
  recoveredMinor: bigint
  /** By the id of the repayment. */
  allocations: ReadonlyMap<string, Allocation>
  /** What the books must show for this loan; the principal in them is `owed.principal`. */
  balances: Balances
}
