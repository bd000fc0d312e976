import { refuse } from '../../errors.js'
import { addedUp, amountsBetween, grossOf, type Amounts } from './pricing.js'
import {
  assertStatus,
  keptOf,
  lineAt,
  outstandingOf,
  stepped,
  type Part,
  type Purchase,
  type PurchaseLine,
  type Receipt,
} from './purchase.js'

/** So many units of an item, on whatever lines. */
export type Asked = { itemId: string; quantity: number }

/** What is to come in: what is asked for, or all that is outstanding. */
export const decideReceipt = (purchase: Purchase, asked: readonly Asked[] | undefined): Part[] => {
  assertStatus(purchase, 'ordered', 'partly_received')
  if (!asked) return outstandingOf(purchase)
  return spread(purchase, asked, ({ quantity, received }) => quantity - received, 'exceeds_order')
}

type Problem = 'exceeds_order' | 'exceeds_receipt'

/** Puts quantities of items on the first lines that have room for them. */
const spread = (
  { lines }: Purchase,
  asked: readonly Asked[],
  roomOf: (line: PurchaseLine) => number,
  problem: Problem,
): Part[] => {
  const rooms = lines.map(roomOf)
  const parts = asked.flatMap(({ itemId, quantity }) => {
    let left = quantity
    const taken = lines.map((line, index) => {
      const some = line.itemId === itemId ? Math.min(left, rooms[index] ?? 0) : 0
      left -= some
      rooms[index] = (rooms[index] ?? 0) - some
      return { line: index + 1, quantity: some }
    })
    if (left > 0) throw refuse(problem, { item_id: itemId, requested: quantity, possible: quantity - left })
    return taken
  })
  return merged(parts)
}

const merged = (parts: readonly Part[]): Part[] => {
  const sums = new Map<number, number>()
  for (const { line, quantity } of parts) if (quantity > 0) sums.set(line, (sums.get(line) ?? 0) + quantity)
  return [...sums].map(([line, quantity]) => ({ line, quantity }))
}

/** Parts at their prices without tax, and the tax on them. */
export type PricedPart = Part & Amounts

/** What each part adds to the worth of the stock when it comes in, and the tax on it. */
export const pricedReceipt = (purchase: Purchase, parts: readonly Part[]): PricedPart[] =>
  parts.map((part) => {
    const line = lineAt(purchase, part.line)
    const from = keptOf(line)
    return { ...part, ...amountsBetween(purchase, line, { from, to: from + part.quantity }) }
  })

export const receive = (
  before: Purchase,
  { parts, by, at }: { parts: readonly (Part & { moveId: string })[]; by: string; at: Date },
): Purchase => {
  const receipt: Receipt = { at, by, parts: parts.map((part) => ({ ...part, returned: 0 })) }
  const lines = added(before.lines, parts, 'received')
  const isComplete = lines.every(({ quantity, received }) => received === quantity)
  const status = isComplete ? 'received' : 'partly_received'
  return stepped(before, { status, lines, receipts: [...before.receipts, receipt] }, at)
}

/** Part of a receipt that goes back. */
export type ReturnPart = Part & { moveId: string }

/** From which receipts the goods go back: the newest first, whose goods are the likeliest still to be there. */
export const decideReturn = (purchase: Purchase, asked: readonly Asked[]): ReturnPart[] => {
  assertStatus(purchase, 'partly_received', 'received', 'closed')
  const parts = spread(purchase, asked, keptOf, 'exceeds_receipt')
  return parts.flatMap((part) => takenFromNewest(purchase.receipts, part))
}

const takenFromNewest = (receipts: readonly Receipt[], { line, quantity }: Part): ReturnPart[] => {
  const taken: ReturnPart[] = []
  let left = quantity
  for (const part of [...receipts].reverse().flatMap(({ parts }) => parts)) {
    const some = part.line === line ? Math.min(left, part.quantity - part.returned) : 0
    if (some > 0) taken.push({ line, quantity: some, moveId: part.moveId })
    left -= some
  }
  return taken
}

export type Returning = { parts: readonly ReturnPart[]; costMinor: bigint; reason: string; by: string; at: Date }

export const sendBack = (before: Purchase, { parts, costMinor, reason, by, at }: Returning): Purchase => {
  const creditMinor = grossOf(addedUp(pricedReturn(before, parts)))
  const back = merged(parts)
  const receipts = before.receipts.map((receipt) => ({
    ...receipt,
    parts: receipt.parts.map((part) => ({
      ...part,
      returned: part.returned + quantityOf(parts.filter(({ moveId }) => moveId === part.moveId)),
    })),
  }))
  const returns = [...before.returns, { at, by, reason, parts: back, creditMinor, costMinor }]
  return stepped(before, { lines: added(before.lines, back, 'returned'), receipts, returns }, at)
}

/** What the supplier credits for what goes back: its price, and the tax on it. */
export const pricedReturn = (purchase: Purchase, parts: readonly Part[]): PricedPart[] =>
  merged(parts).map((part) => {
    const line = lineAt(purchase, part.line)
    const to = keptOf(line)
    return { ...part, ...amountsBetween(purchase, line, { from: to - part.quantity, to }) }
  })

const quantityOf = (parts: readonly Part[]): number => parts.reduce((sum, { quantity }) => sum + quantity, 0)

const added = (lines: readonly PurchaseLine[], parts: readonly Part[], what: 'received' | 'returned') =>
  lines.map((line, index) => ({
    ...line,
    [what]: line[what] + quantityOf(parts.filter((part) => part.line === index + 1)),
  }))
