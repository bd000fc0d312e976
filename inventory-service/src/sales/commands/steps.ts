import { untilUnchanged } from '../../overtaken.js'
import { Overtaken } from '../../overtaken.js'
import type { Envelope } from '@countinghouse/shared/messaging/event'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { StockLine } from '../../stock/domain/stock.js'
import { assertDueOn } from '../domain/confirm.js'
import type { Sale } from '../domain/sale.js'
import {
  cancel,
  edit,
  hide,
  ship,
  takeGoodsBack,
  type AskedReturn,
  type Edit,
  type GoodsBack,
} from '../domain/steps.js'
import { eventsOfCancellation, eventsOfReturn, toSaleDeleted, toSaleEdited, toSaleShipped } from '../events.js'
import { saleReturns, type SaleReturn } from '../records.js'
import { saleUpdate, saveSale } from '../store.js'
import { getSale, type Answer, type Deps } from './deps.js'
import type { Asker } from '../../asking.js'

export type Step = { number: string; by: Asker; ifMatch?: number | undefined }

const getForStep = async (reads: Parameters<typeof getSale>[0], { number, by, ifMatch }: Step): Promise<Sale> => {
  const sale = await getSale(reads, number, by)
  if (ifMatch !== undefined && ifMatch !== sale.version) throw refuseCommon('version_conflict')
  return sale
}

/** Changes what may be changed of a bill: when it falls due, and the notes. */
export const editSale = async (tx: Tx, step: Step, edits: Edit, now: Date): Promise<Sale> => {
  const before = await getForStep(tx, step)
  if (edits.dueOn !== undefined) assertDueOn(edits.dueOn, before.day)
  return save(tx, before, edit(before, edits, now), toSaleEdited)
}

export const shipSale = async (tx: Tx, step: Step, now: Date): Promise<Sale> => {
  const before = await getForStep(tx, step)
  return save(tx, before, ship(before, now), toSaleShipped)
}

const save = async (tx: Tx, before: Sale, after: Sale, toEvent: (sale: Sale) => Envelope): Promise<Sale> => {
  await saveSale(tx, before, after)
  await addToOutbox(tx, toEvent(after))
  return after
}

/** Cancels a sale: its goods are in stock again, its number stays. */
export const cancelSale = (deps: Deps, step: Step, answer: Answer<Sale>): Promise<Sale> =>
  untilUnchanged(async () => {
    const before = await getForStep(readsOn(deps.db), step)
    const back = cancel(before, deps.now())
    const writes = [saleUpdate(before, back.sale), ...answer(back.sale)]
    const events = eventsOfCancellation(before, back)
    await goodsIn(deps, { before, back, step: 'cancelled', by: step.by, restock: true, writes, events })
    return back.sale
  })

/** Takes a sale from sight, and cancels it if it still stands. */
export const deleteSale = (deps: Deps, step: Step): Promise<void> =>
  untilUnchanged(async () => {
    const before = await getForStep(readsOn(deps.db), step)
    const [now, stands] = [deps.now(), before.cancelledAt === null]
    const back = stands ? cancel(before, now) : { sale: before, returned: [], creditedMinor: 0n }
    const hidden = hide(back.sale, now)
    const events = [...(stands ? eventsOfCancellation(before, back) : []), toSaleDeleted(hidden)]
    const posting = { before, back, step: stands ? 'cancelled' : 'deleted', by: step.by, restock: true, events }
    await goodsIn(deps, { ...posting, writes: [saleUpdate(before, hidden)] })
  })

export type AskedBack = { lines: readonly AskedReturn[]; restock: boolean; reason: string }
export type Returned = { sale: Sale; record: SaleReturn }

/** Takes goods back after the sale, into stock at what they cost then, and credits what they were sold for. */
export const returnGoods = (deps: Deps, step: Step, asked: AskedBack, answer: Answer<Returned>): Promise<Returned> =>
  untilUnchanged(async () => {
    const before = await getForStep(readsOn(deps.db), step)
    const now = deps.now()
    const back = takeGoodsBack(before, asked.lines, now)
    const record: SaleReturn = {
      ...{ _id: uuidv7(), billNumber: before._id, currency: before.currency, lines: back.returned },
      ...{ creditedMinor: back.creditedMinor, restocked: asked.restock, reason: asked.reason },
      ...{ createdBy: step.by.userId, createdAt: now },
    }
    const kept = insertion(saleReturns, record, () => new Overtaken())
    const writes = [saleUpdate(before, back.sale), kept, ...answer({ sale: back.sale, record })]
    const events = eventsOfReturn(before, back, record)
    const name = `returned:${record._id}`
    await goodsIn(deps, { before, back, step: name, by: step.by, restock: asked.restock, writes, events })
    return { sale: back.sale, record }
  })

type GoodsIn = {
  before: Sale
  back: GoodsBack
  step: string
  by: Asker
  restock: boolean
  writes: CompanionWrite[]
  events: Envelope[]
}

const goodsIn = async ({ stock, now }: Deps, { before, back, step, by, restock, writes, events }: GoodsIn) => {
  const { saleId, warehouseId } = before
  const lines = back.returned.map(({ itemId, quantity, costMinor }): StockLine => ({
    ...{ kind: 'receive', type: 'return', itemId, warehouseId, quantity, valueMinor: costMinor },
  }))
  await stock.submit({
    cause: { kind: 'sale', id: saleId, step },
    actor: `user:${by.userId}`,
    effectiveAt: now(),
    lines: restock ? lines : [],
    companions: () => writes,
    events: () => events,
  })
}
