import { refuse } from '../../errors.js'
import { refuseShort, refuseUnfit } from './demand.js'
import type { Known, Shelf } from './known.js'
import { addLayer, revalueLayers, takeFromLayers, type Layered } from './layers.js'
import { reserveFor, takeReserved, letGo } from './reservations.js'
import {
  availableIn,
  availableOf,
  levelIn,
  reservationId,
  runsLow,
  type ItemStock,
  type Layer,
  type Level,
  type Move,
  type Reservation,
  type StockLine,
  type StockOrder,
} from './stock.js'

/** What a request does, if it commits: what changed, as it leaves it. */
export type Decided = {
  moves: Move[]
  shelves: Map<string, Shelf>
  layers: Map<string, Layer>
  reservations: Map<string, Reservation>
  /** The items that run low by it. */
  wentLow: ItemStock[]
  /** Those of which there is something now and was nothing before, or the other way round. */
  turned: ItemStock[]
}

export type Deciding = { now: Date; newId: () => string; correlationId: string | null }

/** Decides the lines of a request, all or none; what is known is not changed. */
export const decideOrder = (order: StockOrder, known: Known, deciding: Deciding): Decided => {
  refuseUnfit(order, known)
  const decided: Decided = {
    ...{ moves: [], shelves: new Map(), layers: new Map(), reservations: new Map() },
    ...{ wentLow: [], turned: [] },
  }
  const current: Known = {
    shelf: (itemId) => decided.shelves.get(itemId) ?? known.shelf(itemId),
    reservation: (id) => decided.reservations.get(id) ?? known.reservation(id),
    hasWarehouse: known.hasWarehouse,
  }
  for (const [lineIndex, line] of order.lines.entries())
    decideLine({ order, line, lineIndex, current, decided, deciding })
  for (const [itemId, { stock: changed, layers }] of decided.shelves) {
    const isLow = runsLow(changed)
    const stock = { ...changed, isLow, version: changed.version + 1, updatedAt: deciding.now }
    decided.shelves.set(itemId, { stock, layers })
    if (isLow && !changed.isLow) decided.wentLow.push(stock)
    const before = known.shelf(itemId)?.stock ?? changed
    if (availableIn(before) > 0 !== availableIn(stock) > 0) decided.turned.push(stock)
  }
  return decided
}

type Step = {
  order: StockOrder
  line: StockLine
  lineIndex: number
  current: Known
  decided: Decided
  deciding: Deciding
}

const decideLine = (step: Step): void => {
  const { line } = step
  switch (line.kind) {
    case 'receive':
      receive(step, line)
      return
    case 'issue':
      issue(step, line)
      return
    case 'revalue':
      revalue(step, line)
      return
    case 'reserve':
      reserve(step, line)
      return
    case 'release':
      release(step, line)
      return
    case 'expect':
      changeLevel(step, (level) => ({ ...level, incoming: level.incoming + line.quantity }))
  }
}

type Line<Kind extends StockLine['kind']> = Extract<StockLine, { kind: Kind }>

const receive = (step: Step, line: Line<'receive'>): void => {
  const { itemId, warehouseId, quantity } = line
  const { stock, layers } = shelfOf(step)
  const id = step.deciding.newId()
  const valueMinor = typeof line.valueMinor === 'bigint' ? line.valueMinor : line.valueMinor(step.decided.moves, stock)
  assertPositive(quantity, valueMinor)
  const arrival = { _id: id, itemId, warehouseId, seq: stock.moveCount + 1, quantity, valueMinor }
  keepLayers(step, addLayer(layers, stock.method, arrival))
  const level = changeLevel(step, (before) => ({
    ...before,
    onHand: before.onHand + quantity,
    valueMinor: before.valueMinor + valueMinor,
  }))
  record(step, { id, type: line.type, quantity, valueMinor, uses: [], level })
}

const issue = (step: Step, line: Line<'issue'>): void => {
  const { itemId, warehouseId, quantity } = line
  assertPositive(quantity, 0n)
  if (line.fromReserved) keepReservation(step, takeReserved(reservationOf(step), quantity, step.deciding.now))
  else if (quantity > availableOf(levelOf(step))) throw refuseShort(line, step.order, step.current)
  const { stock, layers } = shelfOf(step)
  const taken = takeFromLayers(layers, stock.method, { itemId, warehouseId, quantity, first: line.layerOf })
  keepLayers(step, taken)
  const valueMinor = taken.uses.reduce((sum, use) => sum + use.valueMinor, 0n)
  const level = changeLevel(step, (before) => ({
    ...before,
    onHand: before.onHand - quantity,
    reserved: before.reserved - (line.fromReserved ? quantity : 0),
    valueMinor: before.valueMinor - valueMinor,
  }))
  const id = step.deciding.newId()
  record(step, { id, type: line.type, quantity: -quantity, valueMinor: -valueMinor, uses: taken.uses, level })
}

const revalue = (step: Step, line: Line<'revalue'>): void => {
  const { stock, layers } = shelfOf(step)
  const { addedMinor, ...layered } = revalueLayers(layers, stock.method, line)
  if (addedMinor === 0n) return
  keepLayers(step, layered)
  const level = changeLevel(step, (before) => ({ ...before, valueMinor: before.valueMinor + addedMinor }))
  const id = step.deciding.newId()
  record(step, { id, type: 'revaluation', quantity: 0, valueMinor: addedMinor, uses: [], level })
}

const reserve = (step: Step, line: Line<'reserve'>): void => {
  assertNotNegative(line.quantity)
  if (line.quantity > availableOf(levelOf(step))) throw refuseShort(line, step.order, step.current)
  const known = step.current.reservation(reservationId(step.order.cause, line))
  keepReservation(step, reserveFor(known, { line, holder: step.order.cause, now: step.deciding.now }))
  changeLevel(step, (level) => ({ ...level, reserved: level.reserved + line.quantity }))
}

const release = (step: Step, line: Line<'release'>): void => {
  assertNotNegative(line.quantity ?? 0)
  const { reservation, released } = letGo(reservationOf(step), line, step.deciding.now)
  if (!reservation) return
  keepReservation(step, reservation)
  changeLevel(step, (level) => ({ ...level, reserved: level.reserved - released }))
}

const reservationOf = ({ order, line, current }: Step): Reservation | undefined =>
  current.reservation(reservationId(order.cause, line))

const keepReservation = ({ decided }: Step, reservation: Reservation): void => {
  decided.reservations.set(reservation._id, reservation)
}

const shelfOf = ({ current, line: { itemId } }: Step): Shelf => {
  const shelf = current.shelf(itemId)
  if (!shelf) throw refuse('item_not_found', { item_id: itemId })
  return shelf
}

const levelOf = (step: Step): Level => levelIn(shelfOf(step).stock, step.line.warehouseId)

const changeLevel = (step: Step, change: (before: Level) => Level): Level => {
  const { stock, layers } = shelfOf(step)
  const level = change(levelIn(stock, step.line.warehouseId))
  if (!isSound(level))
    throw new RangeError(`The stock of ${stock._id} cannot become ${JSON.stringify(Object.values(level).map(String))}`)
  const others = stock.levels.filter(({ warehouseId }) => warehouseId !== level.warehouseId)
  const levels = [...others, level].sort((one, other) => (one.warehouseId < other.warehouseId ? -1 : 1))
  step.decided.shelves.set(stock._id, { stock: { ...stock, levels }, layers })
  return level
}

const isSound = ({ onHand, reserved, incoming, valueMinor }: Level): boolean =>
  [onHand, reserved, incoming].every(Number.isSafeInteger) &&
  reserved >= 0 &&
  onHand >= reserved &&
  incoming >= 0 &&
  valueMinor >= 0n

const keepLayers = (step: Step, { open, changed }: Layered): void => {
  const { stock } = shelfOf(step)
  step.decided.shelves.set(stock._id, { stock, layers: open })
  for (const layer of changed) step.decided.layers.set(layer._id, layer)
}

type Moved = Pick<Move, 'type' | 'quantity' | 'valueMinor' | 'uses'> & { id: string; level: Level }

const record = (step: Step, { id, level, ...moved }: Moved): void => {
  const { order, line, lineIndex, decided, deciding } = step
  const { stock, layers } = shelfOf(step)
  const seq = stock.moveCount + 1
  decided.shelves.set(stock._id, { stock: { ...stock, moveCount: seq }, layers })
  decided.moves.push({
    _id: id,
    itemId: line.itemId,
    warehouseId: line.warehouseId,
    seq,
    ...moved,
    onHandAfter: level.onHand,
    valueAfterMinor: level.valueMinor,
    cause: order.cause,
    lineIndex,
    actor: order.actor,
    correlationId: deciding.correlationId,
    effectiveAt: order.effectiveAt,
    postedAt: deciding.now,
  })
}

const assertPositive = (quantity: number, valueMinor: bigint): void => {
  if (!Number.isSafeInteger(quantity) || quantity <= 0)
    throw new RangeError('A quantity must be a whole number above zero')
  if (valueMinor < 0n) throw new RangeError('What comes in cannot be worth less than nothing')
}

const assertNotNegative = (quantity: number): void => {
  if (!Number.isSafeInteger(quantity) || quantity < 0) throw new RangeError('A quantity must be a whole number')
}
