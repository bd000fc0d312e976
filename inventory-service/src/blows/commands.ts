import { counter } from '@countinghouse/shared/metrics'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn, type Reads } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import type { Asker } from '../asking.js'
import { refuse } from '../errors.js'
import { findItems } from '../items/store.js'
import { costOf, type Posted, type StockOrder } from '../stock/domain/stock.js'
import type { Stock } from '../stock/stock.js'
import { assertOutput, costOfBlow, reverseBlow, type Blow, type BlowTerms } from './domain.js'
import { completed, reversed } from './events.js'
import { BlowChanged, blowInsertion, blowUpdate, findBlow } from './store.js'

export type Deps = {
  db: Connection
  stock: Stock
  now: () => Date
  currency: string
  dayOf: (instant: Date) => string
}

type Answer = (blow: Blow) => CompanionWrite[]

export const getBlow = async (reads: Reads, id: string, { userId, seesAll }: Asker): Promise<Blow> => {
  const blow = await findBlow(reads, id, seesAll ? undefined : userId)
  if (!blow) throw refuse('blow_not_found', { blow_id: id })
  return blow
}

const preforms = counter('blow_preforms_total', 'Preforms that went into runs')
const bottles = counter('blow_bottles_total', 'Good bottles that came out of runs')

/** Records a run: its preforms leave the stock, and its bottles come in at what they and the blowing cost. */
export const recordBlow = async (deps: Deps, terms: BlowTerms, by: Asker, answer: Answer): Promise<Blow> => {
  const { order, blowOf } = await prepare(deps, terms, by)
  const posted = await deps.stock.submit({
    ...order,
    companions: (made) => [...answer(blowOf(made)), blowInsertion(blowOf(made))],
    events: (made) => completed(blowOf(made)),
  })
  preforms.inc(terms.inputQuantity)
  bottles.inc(terms.quantity)
  return blowOf(posted)
}

/** What a run would come to; refused as the run would be. */
export const previewBlow = async (deps: Deps, terms: BlowTerms, by: Asker): Promise<Blow> => {
  const { order, blowOf } = await prepare(deps, terms, by)
  return blowOf(await deps.stock.preview(order))
}

const prepare = async ({ db, now, currency, dayOf }: Deps, terms: BlowTerms, { userId }: Asker) => {
  await assertItems(readsOn(db), terms)
  assertOutput(terms)
  const [_id, at] = [uuidv7(), now()]
  const { fromItemId, toItemId, warehouseId, inputQuantity, quantity } = terms
  const order: StockOrder = {
    ...{ cause: { kind: 'blow', id: _id, step: 'completed' }, actor: `user:${userId}`, effectiveAt: at },
    lines: [
      { kind: 'issue', type: 'consume', itemId: fromItemId, warehouseId, quantity: inputQuantity },
      {
        ...{ kind: 'receive', type: 'produce', itemId: toItemId, warehouseId, quantity },
        valueMinor: (before) => costOfBlow(terms, costOf(before)).producedCostMinor,
      },
    ],
  }
  const blowOf = ({ moves, postedAt }: Posted): Blow => ({
    ...{ _id, ...terms, ...costOfBlow(terms, costOf(moves)), status: 'completed', reversal: null },
    ...{ moveId: moves[1]?._id ?? '', currency, day: dayOf(postedAt) },
    ...{ createdBy: userId, createdAt: postedAt, updatedAt: postedAt, version: 1 },
  })
  return { order, blowOf }
}

const assertItems = async (reads: Reads, { fromItemId, toItemId }: BlowTerms): Promise<void> => {
  const found = await findItems(reads, [fromItemId, toItemId])
  for (const [itemId, type] of [
    [fromItemId, 'preform'],
    [toItemId, 'bottle'],
  ] as const) {
    const item = found.get(itemId)
    if (!item) throw refuse('item_not_found', { item_id: itemId })
    if (item.type !== type) throw refuse('wrong_item_type', { item_id: itemId, expected: type, actual: item.type })
  }
}

export type AskedReversal = { id: string; by: Asker; reason: string }

/** Takes a run back while all its bottles are there: they leave the stock, and the preforms are back at their cost. */
export const reverse = async (deps: Deps, { id, by, reason }: AskedReversal, answer: Answer): Promise<Blow> => {
  const before = await getBlow(readsOn(deps.db), id, by)
  const blowOf = ({ postedAt }: Posted): Blow => reverseBlow(before, { reason, by: by.userId, at: postedAt })
  reverseBlow(before, { reason, by: by.userId, at: deps.now() })
  try {
    const posted = await deps.stock.submit({
      ...reversalOrder(before, by, deps.now()),
      companions: (made) => {
        assertUnsold(before, made)
        return [...answer(blowOf(made)), blowUpdate(before, blowOf(made))]
      },
      events: (made) => reversed(blowOf(made), costOf(made.moves)),
    })
    return blowOf(posted)
  } catch (error) {
    if (error instanceof BlowChanged) return reverse(deps, { id, by, reason }, answer)
    if (error instanceof Refusal && error.code === 'insufficient_stock') throw refuse('bottles_gone', error.context)
    throw error
  }
}

const reversalOrder = (before: Blow, { userId }: Asker, at: Date): StockOrder => {
  const { _id: id, fromItemId, toItemId, warehouseId, inputQuantity, quantity, materialCostMinor, moveId } = before
  return {
    ...{ cause: { kind: 'blow', id, step: 'reversed' }, actor: `user:${userId}`, effectiveAt: at },
    lines: [
      { kind: 'issue', type: 'produce', itemId: toItemId, warehouseId, quantity, layerOf: moveId },
      {
        ...{ kind: 'receive', type: 'consume', itemId: fromItemId, warehouseId, quantity: inputQuantity },
        valueMinor: materialCostMinor,
      },
    ],
  }
}

// Bottles of other runs must not stand in for its own; on average cost nobody can tell them apart.
const assertUnsold = ({ toItemId, moveId }: Blow, { moves, stocks }: Posted): void => {
  if (stocks.get(toItemId)?.method === 'average') return
  const others = moves[0]?.uses.filter(({ layerId }) => layerId !== moveId) ?? []
  const missing = others.reduce((sum, { quantity }) => sum + quantity, 0)
  if (missing > 0) throw refuse('bottles_gone', { item_id: toItemId, shortage: missing })
}
