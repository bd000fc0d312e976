import { refuse } from '../../errors.js'
import type { Loan } from './loan.js'

/** No setting and no code lets a loan of this score or above be approved; the database holds it too. */
export const RISK_LIMIT_MAX = 0.75

export const isTooRisky = ({ riskScore }: Pick<Loan, 'riskScore'>, riskLimit: number): boolean =>
  riskScore >= Math.min(riskLimit, RISK_LIMIT_MAX)

/** Refuses every step towards paying out a loan whose score is at the limit or above it. */
export const assertApprovable = (loan: Loan, riskLimit: number): void => {
  if (!isTooRisky(loan, riskLimit)) return
  throw refuse('risk_too_high', { loan_id: loan._id, risk_score: loan.riskScore, limit: riskLimit })
}
