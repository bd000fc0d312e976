import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { native, type Tx } from '@countinghouse/shared/mongo/transaction'
import { Schema, type SchemaDefinition } from 'mongoose'
import {
  MOVE_TYPES,
  RESERVATION_STATES,
  VALUATION_METHODS,
  type ItemStock,
  type Layer,
  type Move,
  type Reservation,
} from './domain/stock.js'

const amount = { type: BigInt, required: true }
const count = { type: Number, required: true }
const name = { type: String, required: true }
const moment = { type: Date, required: true }
const part = (fields: SchemaDefinition): Schema => new Schema(fields, { _id: false })

const level = part({ warehouseId: name, onHand: count, reserved: count, incoming: count, valueMinor: amount })

const isSound = {
  $and: [
    { $gte: ['$$level.onHand', '$$level.reserved'] },
    { $gte: ['$$level.reserved', 0] },
    { $gte: ['$$level.incoming', 0] },
    { $gte: ['$$level.valueMinor', 0] },
  ],
}

export const stocks = defineCollection<ItemStock>(
  'stocks',
  {
    method: { type: String, enum: VALUATION_METHODS, required: true },
    lowBelow: Number,
    isLow: { type: Boolean, required: true },
    levels: { type: [level], required: true },
    moveCount: count,
    version: count,
    updatedAt: moment,
  },
  {
    indexes: [
      { fields: { isLow: 1, _id: 1 }, options: { partialFilterExpression: { isLow: true } } },
      { fields: { 'levels.warehouseId': 1, _id: 1 } },
    ],
    invariants: [{ $allElementsTrue: { $map: { input: '$levels', as: 'level', in: isSound } } }],
  },
)

export const layers = defineCollection<Layer>(
  'cost_layers',
  {
    itemId: name,
    warehouseId: name,
    seq: count,
    quantity: count,
    valueMinor: amount,
    usedQuantity: count,
    usedValueMinor: amount,
    sharedFrom: part({ quantity: count, valueMinor: amount }),
    isOpen: { type: Boolean, required: true },
  },
  {
    indexes: [{ fields: { itemId: 1, isOpen: 1, seq: 1 } }],
    invariants: [
      { $gte: ['$quantity', '$usedQuantity'] },
      { $gte: ['$valueMinor', '$usedValueMinor'] },
      { $eq: ['$isOpen', { $lt: ['$usedQuantity', '$quantity'] }] },
      { $or: ['$isOpen', { $eq: ['$valueMinor', '$usedValueMinor'] }] },
    ],
  },
)

const use = part({ layerId: name, quantity: count, valueMinor: amount })
const cause = part({ kind: name, id: name, step: name })

export const moves = defineCollection<Move>(
  'stock_moves',
  {
    itemId: name,
    warehouseId: name,
    seq: count,
    type: { type: String, enum: MOVE_TYPES, required: true },
    quantity: count,
    valueMinor: amount,
    onHandAfter: count,
    valueAfterMinor: amount,
    uses: { type: [use], required: true },
    cause,
    lineIndex: count,
    actor: name,
    correlationId: String,
    effectiveAt: moment,
    postedAt: moment,
  },
  {
    indexes: [
      { fields: { itemId: 1, seq: 1 }, options: { unique: true } },
      { fields: { itemId: 1, warehouseId: 1, seq: 1 } },
      { fields: { 'cause.id': 1, 'cause.kind': 1, 'cause.step': 1, lineIndex: 1 }, options: { unique: true } },
    ],
  },
)

const holder = part({ kind: name, id: name })

export const reservations = defineCollection<Reservation>(
  'reservations',
  {
    itemId: name,
    warehouseId: name,
    holder,
    quantity: count,
    state: { type: String, enum: RESERVATION_STATES, required: true },
    expiresAt: Date,
    updatedAt: moment,
  },
  {
    indexes: [
      { fields: { expiresAt: 1 }, options: { partialFilterExpression: { state: 'active' } } },
      { fields: { itemId: 1, warehouseId: 1 }, options: { partialFilterExpression: { state: 'active' } } },
    ],
    invariants: [{ $gte: ['$quantity', 0] }],
  },
)

type Count = { _id: string; last: number }

export const series = defineCollection<Count>('number_series', { last: count })

/** Another process changed what a decision was based on. */
export class StaleStock extends Error {}

/** Writes the items' levels; throws `StaleStock` when one is no longer what the decision was based on. */
export const saveStocks = async (
  tx: Tx,
  before: ReadonlyMap<string, number>,
  after: readonly ItemStock[],
): Promise<void> => {
  if (after.length === 0) return
  const operations = after.map(({ _id, levels, isLow, moveCount, version, updatedAt }) => ({
    updateOne: {
      filter: { _id, version: before.get(_id) ?? 0 },
      update: { $set: { levels, isLow, moveCount, version, updatedAt } },
    },
  }))
  const result = await native(tx.db, stocks).bulkWrite(operations, { session: tx.session, ordered: false })
  if (result.matchedCount !== after.length) throw new StaleStock()
}

/** Writes layers and reservations as they are now; the version of their item's stock is their guard. */
export const saveParts = async (tx: Tx, parts: { layers: Layer[]; reservations: Reservation[] }): Promise<void> => {
  await upsertAll(tx, layers, parts.layers)
  await upsertAll(tx, reservations, parts.reservations)
}

const upsertAll = async <Doc extends { _id: string }>(
  tx: Tx,
  into: Parameters<typeof native<Doc>>[1],
  documents: readonly Doc[],
): Promise<void> => {
  if (documents.length === 0) return
  const operations = documents.map(({ _id, ...rest }) => ({
    replaceOne: { filter: { _id }, replacement: rest, upsert: true },
  }))
  await native(tx.db, into).bulkWrite(operations as never, { session: tx.session, ordered: false })
}

export const insertMoves = async (tx: Tx, made: readonly Move[]): Promise<void> => {
  if (made.length > 0) await native(tx.db, moves).insertMany([...made], { session: tx.session })
}

/** Moves the series on; throws `StaleStock` when another process has drawn a number since. */
export const saveCounts = async (
  tx: Tx,
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Promise<void> => {
  for (const [_id, last] of after) {
    const known = before.get(_id) ?? 0
    if (known === 0) await native(tx.db, series).insertOne({ _id, last }, { session: tx.session })
    else if ((await tx.update(series, { _id, last: known }, { $set: { last } })) === 0) throw new StaleStock()
  }
}
