import { refuse } from '../errors.js'

export const SUGGESTION_STATUSES = ['open', 'accepted', 'withdrawn'] as const

/** That an item should be ordered for a warehouse. While one is open there is no second: it is brought up to date. */
export type Suggestion = {
  _id: string
  itemId: string
  warehouseId: string
  quantity: number
  /** At this many or fewer it is time to order. */
  reorderPoint: number
  /** What there will be: what can be promised, what is on its way and what is drafted. */
  projected: number
  demandPerDay: number
  supplierId: string | null
  status: (typeof SUGGESTION_STATUSES)[number]
  /** The draft that it became. */
  purchaseNumber: string | null
  createdAt: Date
  updatedAt: Date
  version: number
}

/** How an item is ordered. */
export type Policy = {
  reorderQuantity: number | null
  reorderMultiple: number
  leadTimeDays: number
  serviceLevel: number
}

export type Demand = { mean: number; deviation: number }

/** What left per day on average, and how much that varies, over all days: also those on which nothing did. */
export const demandOf = (perDay: readonly number[], days: number): Demand => {
  const mean = perDay.reduce((sum, quantity) => sum + quantity, 0) / days
  const squares = perDay.reduce((sum, quantity) => sum + (quantity - mean) ** 2, 0)
  return { mean, deviation: Math.sqrt((squares + (days - perDay.length) * mean ** 2) / days) }
}

/** Demand until a delivery arrives, and what keeps the service level through its ups and downs. */
export const reorderPointOf = ({ mean, deviation }: Demand, policy: Policy): number => {
  const { leadTimeDays, serviceLevel } = policy
  const safety = normalQuantile(serviceLevel / 100) * deviation * Math.sqrt(leadTimeDays)
  return Math.ceil(mean * leadTimeDays + safety)
}

/** How much to order; 0 while there is enough. */
export const quantityToOrder = (reorderPoint: number, projected: number, policy: Policy): number => {
  if (reorderPoint === 0 || projected > reorderPoint) return 0
  const wanted = Math.max(policy.reorderQuantity ?? 1, reorderPoint - projected)
  return Math.ceil(wanted / policy.reorderMultiple) * policy.reorderMultiple
}

export type Finding = Pick<Suggestion, 'quantity' | 'reorderPoint' | 'projected' | 'demandPerDay' | 'supplierId'>
type Spot = Pick<Suggestion, '_id' | 'itemId' | 'warehouseId'>

/** The suggestion that follows from a finding; undefined when nothing changes. */
export const suggest = (
  open: Suggestion | undefined,
  spot: Spot,
  finding: Finding,
  now: Date,
): Suggestion | undefined => {
  if (finding.quantity === 0) return open && changed(open, { status: 'withdrawn' }, now)
  if (!open)
    return { ...spot, ...finding, status: 'open', purchaseNumber: null, createdAt: now, updatedAt: now, version: 1 }
  const isSame = (Object.keys(finding) as (keyof Finding)[]).every((name) => open[name] === finding[name])
  return isSame ? undefined : changed(open, finding, now)
}

export const accept = (open: Suggestion, purchaseNumber: string, now: Date): Suggestion =>
  changed(open, { status: 'accepted', purchaseNumber }, now)

export const assertOpen = ({ _id, status }: Suggestion): void => {
  if (status !== 'open') throw refuse('suggestion_closed', { suggestion_id: _id, suggestion_status: status })
}

const changed = (suggestion: Suggestion, changes: Partial<Suggestion>, now: Date): Suggestion => ({
  ...suggestion,
  ...changes,
  updatedAt: now,
  version: suggestion.version + 1,
})

// The point below which a share of the standard normal distribution lies, within 0.00045 (Abramowitz and Stegun 26.2.23).
const normalQuantile = (share: number): number => {
  if (share <= 0.5) return 0
  const t = Math.sqrt(-2 * Math.log(1 - share))
  return t - (2.515517 + 0.802853 * t + 0.010328 * t ** 2) / (1 + 1.432788 * t + 0.189269 * t ** 2 + 0.001308 * t ** 3)
}
