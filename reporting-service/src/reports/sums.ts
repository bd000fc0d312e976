/** A sum of amounts in an aggregation: of 64-bit integers alone it would become a rounded double when it outgrows them. */
export const sumOf = (field: unknown) => ({ $sum: { $toDecimal: field } })

export type Decimal = { toString(): string }

export const toMinor = (sum: Decimal): bigint => BigInt(sum.toString())

export const totalOf = <Row>(rows: readonly Row[], amountOf: (row: Row) => bigint): bigint =>
  rows.reduce((sum, row) => sum + amountOf(row), 0n)

/** Documents carry the business day that they are of. */
const dayRange = ({ from, to }: { from?: string | undefined; to?: string | undefined }) => ({
  ...(from !== undefined && { $gte: from }),
  ...(to !== undefined && { $lte: to }),
})

export const inDays = (asked: { from?: string | undefined; to?: string | undefined }): object =>
  asked.from === undefined && asked.to === undefined ? {} : { day: dayRange(asked) }

/** A part of a whole, to four decimals; nothing of nothing is nothing. */
export const shareOf = (part: bigint | number, whole: bigint | number): number =>
  Number(whole) === 0 ? 0 : Math.round((Number(part) / Number(whole)) * 10_000) / 10_000

export const groupBy = <Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> => {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}

const BATCH = 200

/** A stream a few at a time. */
export async function* inBatches<Item>(stream: AsyncIterable<Item>): AsyncGenerator<Item[]> {
  let batch: Item[] = []
  for await (const item of stream) {
    if (batch.push(item) < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
