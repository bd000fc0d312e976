import { rounded, type Fraction } from '@countinghouse/shared/fraction'
import { divideRounded, formatAmount, splitByWeights } from '@countinghouse/shared/money'
import { instalmentPerUnit } from './instalment.js'
import { offerFor, type Offer } from './offer.js'
import { partsOf, scorePointsOf, toPoints, type Means, type Part, type Terms } from './score.js'

/** Raised with every change of the formula; stored scores keep the version that made them. */
const RISK_MODEL_VERSION = 'affordability-1'

export type RiskRequest = Terms & { currency: string; incomeMinor: bigint | null; expensesMinor: bigint | null }

/** The score at which a loan is refused, and the longest term that an offer may name. */
export type RiskLimits = { score: number; termMonthsMax: number }

/** `value` is the ratio that a reason judges; the contributions add up to the score. */
export type RiskReason = { code: string; contribution: number; value: number | null; message: string }

export type Assessment = Offer & { riskModelVersion: string; riskScore: number; riskReasons: RiskReason[] }

const NO_OFFER: Offer = { maxAmountMinor: null, minTermMonths: null }

/** Scores a request by what it would leave the borrower, and says why and, where it blocks, what would pass. */
export const assessRisk = (request: RiskRequest, limits: RiskLimits): Assessment => {
  const { incomeMinor, expensesMinor } = request
  if (incomeMinor === 0n) return single('NO_DISPOSABLE_INCOME', 1, null, 'No income left after expenses')
  if (incomeMinor === null || expensesMinor === null)
    return single('INCOME_NOT_STATED', 0.5, null, 'Unable to verify income')
  if (incomeMinor <= expensesMinor) {
    const value = toDecimal(divideRounded(expensesMinor * 10_000n, incomeMinor, 'half_up'))
    return single('NO_DISPOSABLE_INCOME', 1, value, 'No income left after expenses')
  }
  return assessMeans(request, { incomeMinor, expensesMinor }, limits)
}

const single = (code: string, riskScore: number, value: number | null, message: string): Assessment => ({
  riskModelVersion: RISK_MODEL_VERSION,
  riskScore,
  riskReasons: [{ code, contribution: riskScore, value, message }],
  ...NO_OFFER,
})

const assessMeans = (request: RiskRequest, means: Means, { score, termMonthsMax }: RiskLimits): Assessment => {
  const parts = partsOf(request, means)
  const points = scorePointsOf(request, means)
  const contributions = splitByWeights(points, overOneDenominator(parts.map(({ share }) => share)))
  const passes = (pointsThen: bigint) => toDecimal(pointsThen) < score
  return {
    riskModelVersion: RISK_MODEL_VERSION,
    riskScore: toDecimal(points),
    riskReasons: parts
      .map((part, index) => toReason(request, means, part, contributions[index] ?? 0n))
      .sort((one, other) => other.contribution - one.contribution),
    ...(passes(points) ? NO_OFFER : offerFor(request, means, { passes, termMonthsMax })),
  }
}

const toReason = (request: RiskRequest, means: Means, { code, ratio }: Part, points: bigint): RiskReason => ({
  code,
  contribution: toDecimal(points),
  value: toDecimal(toPoints(ratio)),
  message: code === 'INSTALMENT_UNAFFORDABLE' ? unaffordable(request, means, ratio) : MESSAGES[code],
})

// The wording of the sample form C-1 of Regulation B, where it has one.
const MESSAGES = {
  INSTALMENT_TO_DISPOSABLE: 'Income insufficient for amount of credit requested',
  EXPENSES_TO_INCOME: 'Excessive obligations in relation to income',
  AMOUNT_TO_INCOME: 'Amount requested is high in relation to income',
}

const unaffordable = (request: RiskRequest, { incomeMinor, expensesMinor }: Means, burden: Fraction): string => {
  const { amountMinor, annualRate, termMonths, currency } = request
  const instalment = rounded(instalmentPerUnit(annualRate, termMonths), amountMinor, 'half_even')
  const left = divideRounded(incomeMinor - expensesMinor, 12n, 'half_even')
  const leaves = burden.numerator < burden.denominator ? 'leaves too little' : 'leaves nothing'
  return `The instalment of ${formatAmount(instalment, currency)} ${leaves} of the ${formatAmount(left, currency)} a month`
}

const overOneDenominator = (fractions: readonly Fraction[]): bigint[] => {
  const common = fractions.reduce((product, { denominator }) => product * denominator, 1n)
  return fractions.map(({ numerator, denominator }) => numerator * (common / denominator))
}

const toDecimal = (points: bigint): number => Number(points) / 10_000
