import type { Day } from './days.js'

export type InterestMethod = 'equal_instalment' | 'equal_principal' | 'flat'

/** How much of a year lies between two days; `THIRTY_360` makes every month a twelfth and every week a fifty-second. */
export type DayCount = 'THIRTY_360' | 'ACT_365F' | 'ACT_360' | 'ACT_ACT_ISDA'

export type Frequency = 'weekly' | 'fortnightly' | 'four_weekly' | 'monthly' | 'quarterly'

/** What can be owed; an order of allocation is a permutation of these. */
export type Part = 'penalties' | 'fees' | 'interest' | 'principal'

/** A fixed sum, or so many percent of what it is charged on, at most `maxMinor`. */
export type Charge = { flatMinor: bigint } | { percent: string; maxMinor: bigint | null }

export type Grace = {
  /** Of the first instalments, so many ask for interest alone. */
  principalPeriods: number
  /** Of the first instalments, so many ask for nothing. */
  moratoriumPeriods: number
  /** Interest of the moratorium is spread evenly over the instalments after it, or never arises. */
  moratoriumInterest: 'accrue' | 'waive'
}

/** Charged once for an instalment that is still short when so many days have passed since it fell due. */
export type LateFee = { charge: Charge; graceDays: number; totalMaxMinor: bigint | null }

/** So many percent of what is overdue for each day after the days of grace; all days together cost at most the total. */
export type Penalty = { dailyPercent: string; graceDays: number; totalMaxMinor: bigint | null }

/** The data of one product version that a loan keeps for life. */
export type Product = {
  method: InterestMethod
  dayCount: DayCount
  frequency: Frequency
  grace: Grace
  /** Evens the last instalment out; makes all but the last a multiple of an amount. */
  rounding: { smooth: boolean; multipleOfMinor: bigint }
  /** Kept back from the disbursement, or owed with the first instalment. */
  originationFee: { charge: Charge; taken: 'deducted' | 'added' } | null
  lateFee: LateFee | null
  penalty: Penalty | null
  /** Within an instalment; the oldest instalment always comes first. */
  allocation: readonly Part[]
}

/** One loan: its product version and what was agreed. The rate is percent a year as a decimal string. */
export type Terms = Product & {
  amountMinor: bigint
  currency: string
  annualRate: string
  /** How many instalments, those of the grace included. */
  instalments: number
  /** Its day of the month binds all later ones; without it, the first falls due one period after the disbursement. */
  firstDueDate: Day | null
}

export const PARTS: readonly Part[] = ['penalties', 'fees', 'interest', 'principal']

/** The house's usual product: equal monthly instalments, 30/360, no grace, no charges. */
export const PLAIN_PRODUCT: Product = {
  method: 'equal_instalment',
  dayCount: 'THIRTY_360',
  frequency: 'monthly',
  grace: { principalPeriods: 0, moratoriumPeriods: 0, moratoriumInterest: 'accrue' },
  rounding: { smooth: false, multipleOfMinor: 1n },
  originationFee: null,
  lateFee: null,
  penalty: null,
  allocation: PARTS,
}
