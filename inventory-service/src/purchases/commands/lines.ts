import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../../errors.js'
import { namesOfItems } from '../../items/store.js'
import type { Priced } from '../domain/pricing.js'
import type { OrderedLine } from '../domain/purchase.js'

/** The lines with the names that their items have now; the first whose item is unknown is refused. */
export const withNames = async (
  reads: Reads,
  lines: readonly (Priced & { itemId: string })[],
): Promise<OrderedLine[]> => {
  const names = await namesOfItems(reads, [...new Set(lines.map(({ itemId }) => itemId))])
  return lines.map((line) => {
    const itemName = names.get(line.itemId)
    if (itemName === undefined) throw refuse('item_not_found', { item_id: line.itemId })
    return { ...line, itemName }
  })
}
