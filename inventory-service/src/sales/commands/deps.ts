import type { Asker } from '../../asking.js'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { GateDeps } from '../../approvals/gate.js'
import { refuse } from '../../errors.js'
import type { Stock } from '../../stock/stock.js'
import type { Sale } from '../domain/sale.js'
import { findSale } from '../store.js'

export type Deps = GateDeps & { stock: Stock }

/** The writes that store an answer; none when no key was sent. */
export type Answer<View> = (view: View) => CompanionWrite[]

export const getSale = async (reads: Reads, number: string, { userId, seesAll }: Asker): Promise<Sale> => {
  const sale = await findSale(reads, number)
  if (!sale || !(seesAll || sale.createdBy === userId)) throw refuse('sale_not_found', { bill_number: number })
  return sale
}
