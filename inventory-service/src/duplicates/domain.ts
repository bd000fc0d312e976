import { refuse } from '../errors.js'

export const DUPLICATE_KINDS = ['sale', 'sale_payment', 'purchase', 'purchase_payment', 'customer', 'supplier'] as const
export type DuplicateKind = (typeof DUPLICATE_KINDS)[number]

/** One of several that look alike. */
export type Twin = { id: string; billNumber: string | null; createdBy: string | null; createdAt: Date }

/** Entries that may be one and the same, made twice. */
export type Suspicion = {
  kind: DuplicateKind
  /** What they have in common. */
  party: string | null
  amountMinor: bigint | null
  day: string | null
  twins: Twin[]
}

export const OUTCOMES = ['dismissed', 'removed'] as const

/** What somebody found when looking into a suspicion: that there is none, or which one was too many. */
export type Finding = {
  _id: string
  kind: DuplicateKind
  outcome: (typeof OUTCOMES)[number]
  ids: string[]
  removed: string | null
  reason: string
  by: string
  at: Date
}

/** Refuses unless exactly these are alike, and the one to be removed is among them. */
export const assertAlike = (found: readonly Suspicion[], ids: readonly string[], remove?: string): void => {
  const [suspicion] = found
  const isWhole = found.length === 1 && suspicion?.twins.length === new Set(ids).size
  if (!isWhole || (remove !== undefined && !ids.includes(remove))) throw refuse('not_alike', { ids })
}

const refundIt = 'What was paid for it is refunded'

/** What happens to the one that is too many. */
export const FIXES: Record<DuplicateKind, string> = {
  sale: `The sale is cancelled, or its goods are taken back if they have left: stock rises again. ${refundIt}.`,
  sale_payment: 'The payment is refunded. The stock stays as it is.',
  purchase: `The purchase is called off, or its goods are sent back: stock falls again. ${refundIt}.`,
  purchase_payment: 'What was paid twice is recorded as paid back by the supplier. The stock stays as it is.',
  customer: 'The customer becomes inactive; the documents stay.',
  supplier: 'The supplier becomes inactive; the documents stay.',
}
