import { gridOf } from './grid.js'
import { wholeOf, solveInstalment } from './instalment.js'
import { PLAIN_PRODUCT } from './terms.js'

/** The equal monthly instalment of a loan on the house's usual terms; without interest, the amount over the months. */
export const emiOf = (loan: { principalMinor: bigint; annualRate: string; termMonths: number }): bigint => {
  const terms = { ...PLAIN_PRODUCT, annualRate: loan.annualRate, instalments: loan.termMonths, firstDueDate: null }
  const grid = gridOf(terms, 0)
  return solveInstalment(grid, wholeOf(grid, loan.principalMinor), PLAIN_PRODUCT.rounding)
}
