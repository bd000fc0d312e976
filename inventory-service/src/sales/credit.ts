import { Overtaken } from '../overtaken.js'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'

/** How much a customer may owe; nobody else is bound. */
export type CreditTerms = {
  /** The customer's id. */
  _id: string
  limitMinor: bigint
  /** Each sale raises it, so that sales to one customer are decided one after another. */
  revision: number
  setBy: string
  setAt: Date
}

export const creditTerms = defineCollection<CreditTerms>('credit_terms', {
  limitMinor: { type: BigInt, required: true },
  revision: { type: Number, required: true },
  setBy: { type: String, required: true },
  setAt: { type: Date, required: true },
})

export const findCreditTerms = (reads: Reads, customerId: string) => reads.findOne(creditTerms, { _id: customerId })

export type NewTerms = { customerId: string; limitMinor: bigint | null; by: string; at: Date }

export const saveCreditTerms = async (tx: Tx, { customerId, limitMinor, by, at }: NewTerms): Promise<void> => {
  const before = await findCreditTerms(tx, customerId)
  if (limitMinor === null) await tx.remove(creditTerms, { _id: customerId })
  else {
    const revision = (before?.revision ?? 0) + 1
    await tx.replace(creditTerms, { _id: customerId, limitMinor, revision, setBy: by, setAt: at })
  }
}

/** Commits with a sale that keeps to the terms; misses when another sale came first, or the terms are others. */
export const drawnOn = ({ _id, revision }: CreditTerms): CompanionWrite => ({
  kind: 'update',
  into: creditTerms,
  filter: { _id, revision },
  update: { $inc: { revision: 1 } },
  otherwise: () => new Overtaken(),
})
