import { refuse } from '../errors.js'
import { levelIn, type ItemStock, type StockLine, type ValueOf } from '../stock/domain/stock.js'

/** The name of counts among causes and approvals. */
export const COUNT_KIND = 'stock_count'
export const COUNT_STATUSES = ['counting', 'recount', 'review', 'approved', 'posted', 'cancelled'] as const
export type CountStatus = (typeof COUNT_STATUSES)[number]

/** An item that is counted; whoever counts does not see what is expected. */
export type CountLine = {
  itemId: string
  /** What the books said at the moment of the last count; goods move while people count. */
  expected: number | null
  first: number | null
  second: number | null
  /** What the posted difference was worth. */
  valueMinor: bigint | null
}

/** A physical count of a warehouse: counted, counted again where it differs, reviewed and posted by different people. */
export type StockCount = {
  _id: string
  warehouseId: string
  note: string | null
  lines: CountLine[]
  status: CountStatus
  requestedBy: string
  countedBy: string | null
  recountedBy: string | null
  reviewedBy: string | null
  postedBy: string | null
  currency: string
  createdAt: Date
  updatedAt: Date
  version: number
}

type Request = Pick<StockCount, '_id' | 'warehouseId' | 'note' | 'requestedBy' | 'currency'> & { itemIds: string[] }

export const requestCount = ({ itemIds, ...request }: Request, now: Date): StockCount => {
  if (itemIds.length === 0) throw refuse('stock_count_empty')
  const nobody = { countedBy: null, recountedBy: null, reviewedBy: null, postedBy: null }
  const lines = itemIds.map((itemId) => ({ itemId, expected: null, first: null, second: null, valueMinor: null }))
  return { ...request, ...nobody, lines, status: 'counting', createdAt: now, updatedAt: now, version: 1 }
}

export const countedOf = ({ first, second }: CountLine): number | null => second ?? first

export const varianceOf = (line: CountLine): number => {
  const { expected } = line
  const counted = countedOf(line)
  return counted === null || expected === null ? 0 : counted - expected
}

/** What of this line is still to be counted, in the state the count is in. */
export const isDue = (line: CountLine, status: CountStatus): boolean => {
  if (status === 'counting') return line.first === null
  return status === 'recount' && line.second === null && varianceOf(line) !== 0
}

export type Entry = { itemId: string; quantity: number }
type By = { by: string; now: Date }

/** Notes what somebody counted; when nothing is due any more, the count goes on to its next step. */
export const enter = (
  count: StockCount,
  entries: readonly Entry[],
  { by, now, stocks }: By & { stocks: ReadonlyMap<string, ItemStock> },
): StockCount => {
  const { status } = count
  if (status !== 'counting' && status !== 'recount') throw refuseIn(count)
  const counter = status === 'counting' ? count.countedBy : count.recountedBy
  if ((counter !== null && counter !== by) || (status === 'recount' && by === count.countedBy)) throw refuseSame(count)
  const counted = new Map(entries.map((entry) => [entry.itemId, entry.quantity]))
  for (const itemId of counted.keys())
    if (!count.lines.some((line) => line.itemId === itemId && (counter === by || isDue(line, status))))
      throw refuse('not_to_be_counted', { item_id: itemId })
  const lines = count.lines.map((line) => {
    const quantity = counted.get(line.itemId)
    const stock = stocks.get(line.itemId)
    if (quantity === undefined || !stock) return line
    const expected = levelIn(stock, count.warehouseId).onHand
    return { ...line, expected, ...(status === 'counting' ? { first: quantity } : { second: quantity }) }
  })
  const who = status === 'counting' ? { countedBy: by } : { recountedBy: by }
  return changed(count, { ...who, lines, status: nextStatus(lines, status) }, now)
}

const nextStatus = (lines: readonly CountLine[], status: 'counting' | 'recount'): CountStatus => {
  if (lines.some((line) => isDue(line, status))) return status
  return lines.some((line) => isDue(line, 'recount')) ? 'recount' : 'review'
}

/** Approves what was counted, or has what differs counted once more. */
export const review = (count: StockCount, verdict: 'approve' | 'recount', { by, now }: By): StockCount => {
  if (count.status !== 'review') throw refuseIn(count)
  if (countersOf(count).includes(by)) throw refuseSame(count)
  if (verdict === 'approve') return changed(count, { status: 'approved', reviewedBy: by }, now)
  const lines = count.lines.map((line) => ({ ...line, second: null }))
  return changed(count, { lines, status: nextStatus(lines, 'recount'), recountedBy: null }, now)
}

export const post = (count: StockCount, { by, now }: By): StockCount => {
  if (count.status !== 'approved') throw refuseIn(count)
  if ([...countersOf(count), count.reviewedBy].includes(by)) throw refuseSame(count)
  return changed(count, { status: 'posted', postedBy: by }, now)
}

export const cancel = (count: StockCount, now: Date): StockCount => {
  if (count.status === 'posted' || count.status === 'cancelled') throw refuseIn(count)
  return changed(count, { status: 'cancelled' }, now)
}

/** Who counted: they wrote it, and have no say in whether it is right. */
export const countersOf = ({ countedBy, recountedBy }: StockCount): string[] =>
  [countedBy, recountedBy].filter((person) => person !== null)

/** The lines that differ, and what brings the stock to them: what moved since the count stays moved. */
export const differencesOf = ({ lines, warehouseId }: StockCount, worth: (quantity: number) => ValueOf): StockLine[] =>
  lines.flatMap((line): StockLine[] => {
    const variance = varianceOf(line)
    const moved = { itemId: line.itemId, warehouseId, type: 'count' as const, quantity: Math.abs(variance) }
    if (variance === 0) return []
    return [variance > 0 ? { kind: 'receive', ...moved, valueMinor: worth(variance) } : { kind: 'issue', ...moved }]
  })

/** Whether what is expected may be seen: not by those who are still to count. */
export const isOpenToView = ({ status }: StockCount): boolean => status !== 'counting' && status !== 'recount'

const changed = (count: StockCount, changes: Partial<StockCount>, now: Date): StockCount => ({
  ...count,
  ...changes,
  updatedAt: now,
  version: count.version + 1,
})

const refuseIn = ({ _id, status }: StockCount) =>
  refuse('stock_count_state', { stock_count_id: _id, stock_count_status: status })
const refuseSame = ({ _id }: StockCount) => refuse('stock_count_same_person', { stock_count_id: _id })
