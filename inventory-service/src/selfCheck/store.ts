import type { CollectionDefinition } from '@countinghouse/shared/mongo/collection'
import { native, readsOn, type Reads } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { numberIn } from '../stock/domain/series.js'
import type { LayerUse } from '../stock/domain/stock.js'
import { layers, moves, reservations, series, stocks } from '../stock/store.js'
import { findStock } from '../stock/reading.js'
import type { Evidence, SpotSums } from './domain.js'

const TRIES_MAX = 20

/** What is known of an item, as of one moment: read again while it changes. */
export const gather = async (db: Connection, itemId: string): Promise<Evidence | undefined> => {
  const reads = readsOn(db)
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const stock = await findStock(reads, itemId)
    if (!stock) return undefined
    const evidence = { stock, ...(await sumsOf(reads, itemId)), layers: await reads.find(layers, { itemId }) }
    if ((await findStock(reads, itemId))?.version === stock.version) return evidence
  }
  return undefined
}

type MoveSums = { _id: string; onHand: number; valueMinor: bigint; count: number }

const sumsOf = async (reads: Reads, itemId: string) => {
  const moved = await reads.aggregate<MoveSums>(moves, [
    { $match: { itemId } },
    {
      $group: {
        _id: '$warehouseId',
        onHand: { $sum: '$quantity' },
        valueMinor: { $sum: '$valueMinor' },
        count: { $sum: 1 },
      },
    },
  ])
  const kept = await reads.find(reservations, { itemId, state: 'active' })
  const uses = await reads.aggregate<{ _id: string; quantity: number; valueMinor: bigint }>(moves, [
    { $match: { itemId } },
    { $unwind: '$uses' },
    {
      $group: { _id: '$uses.layerId', quantity: { $sum: '$uses.quantity' }, valueMinor: { $sum: '$uses.valueMinor' } },
    },
  ])
  return {
    moveCount: moved.reduce((sum, { count }) => sum + count, 0),
    spots: moved.map(({ _id, onHand, valueMinor }): SpotSums => ({
      ...{ warehouseId: _id, onHand, valueMinor },
      reserved: kept.reduce((sum, one) => (one.warehouseId === _id ? sum + one.quantity : sum), 0),
    })),
    uses: uses.map(({ _id, ...use }): LayerUse => ({ layerId: _id, ...use })),
  }
}

export const itemIds = (db: Connection) =>
  native(db, stocks).find({}).project<{ _id: string }>({ _id: 1 }).sort({ _id: 1 })

/** A kind of document that has its number as its id. */
export type Numbered = { prefix: string; collection: CollectionDefinition<{ _id: string }> }

/** Each series with the last number drawn from it, and how many documents have one. */
export async function* seriesOf(db: Connection, numbered: readonly Numbered[]) {
  const reads = readsOn(db)
  for (const { prefix, collection } of numbered) {
    for await (const { _id, last } of native(db, series).find({ _id: { $regex: `^${prefix}-` } })) {
      const day = _id.slice(prefix.length + 1)
      const start = numberIn({ prefix, day }, 0).slice(0, -4)
      const documents = await reads.count(collection, { _id: { $gte: start, $lt: `${start}:` } })
      yield { series: _id, last, documents }
    }
  }
}
