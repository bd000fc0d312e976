import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { problemsOf } from '../../selfCheck/domain.js'
import { decideOrder, type Decided } from './decide.js'
import type { Known, Shelf } from './known.js'
import {
  availableOf,
  costOf,
  type Layer,
  type Move,
  type Reservation,
  type StockLine,
  type ValuationMethod,
} from './stock.js'

const AT = new Date('2026-11-21T09:30:00Z')

/** A stock in memory, and all that ever happened to it. */
const house = (methods: Record<string, ValuationMethod>) => {
  const shelves = new Map<string, Shelf>()
  for (const [_id, method] of Object.entries(methods)) {
    const stock = { _id, method, lowBelow: null, isLow: false, levels: [], moveCount: 0, version: 1, updatedAt: AT }
    shelves.set(_id, { stock, layers: [] })
  }
  const reservations = new Map<string, Reservation>()
  const layers = new Map<string, Layer>()
  const moves: Move[] = []
  const turned: string[] = []
  let ids = 0
  const known: Known = {
    shelf: (id) => shelves.get(id),
    reservation: (id) => reservations.get(id),
    hasWarehouse: () => true,
  }
  const keep = (decided: Decided): void => {
    for (const [id, shelf] of decided.shelves) shelves.set(id, shelf)
    for (const [id, reservation] of decided.reservations) reservations.set(id, reservation)
    for (const [id, layer] of decided.layers) layers.set(id, layer)
    moves.push(...decided.moves)
    turned.push(...decided.turned.map(({ _id, levels }) => `${_id} ${levels.map(availableOf).join('+')}`))
  }
  return {
    shelves,
    moves,
    turned,
    do: (lines: StockLine[], document = 'd1'): Move[] => {
      const order = {
        cause: { kind: 'test', id: document, step: (++ids).toString() },
        actor: 'a',
        effectiveAt: AT,
        lines,
      }
      const decided = decideOrder(order, known, { now: AT, newId: () => (++ids).toString(), correlationId: null })
      keep(decided)
      return decided.moves
    },
    problems: () =>
      [...shelves.values()].flatMap(({ stock }) => {
        const own = moves.filter(({ itemId }) => itemId === stock._id)
        const sum = (warehouseId: string, of: (move: Move) => bigint) =>
          own.reduce((total, move) => (move.warehouseId === warehouseId ? total + of(move) : total), 0n)
        const reserved = (warehouseId: string) =>
          [...reservations.values()]
            .filter((one) => one.itemId === stock._id && one.warehouseId === warehouseId && one.state === 'active')
            .reduce((total, { quantity }) => total + quantity, 0)
        const spots = ['main', 'north'].map((warehouseId) => ({
          warehouseId,
          onHand: Number(sum(warehouseId, ({ quantity }) => BigInt(quantity))),
          valueMinor: sum(warehouseId, ({ valueMinor }) => valueMinor),
          reserved: reserved(warehouseId),
        }))
        const uses = [...layers.keys()].map((layerId) => {
          const taken = own.flatMap((move) => move.uses).filter((use) => use.layerId === layerId)
          return {
            layerId,
            quantity: taken.reduce((total, use) => total + use.quantity, 0),
            valueMinor: taken.reduce((total, use) => total + use.valueMinor, 0n),
          }
        })
        const ownLayers = [...layers.values()].filter(({ itemId }) => itemId === stock._id)
        return problemsOf({ stock, moveCount: own.length, spots, layers: ownLayers, uses })
      }),
  }
}

const itemId = fc.constantFrom('preform', 'bottle')
const warehouseId = fc.constantFrom('main', 'north')
const quantity = fc.integer({ min: 1, max: 60 })
const document = fc.constantFrom('d1', 'd2', 'd3')
const worth = fc.bigInt({ min: 0n, max: 100_000n })
const lateCost = fc.record({ layerOf: fc.nat(60).map(String), quantity, valueMinor: fc.bigInt({ min: -50_000n, max: 50_000n }) }) // prettier-ignore

const lineOf: fc.Arbitrary<StockLine> = fc.oneof(
  fc.record({ kind: fc.constant('receive' as const), type: fc.constant('receipt' as const), itemId, warehouseId, quantity, valueMinor: worth }),
  fc.record({ kind: fc.constant('issue' as const), type: fc.constant('issue' as const), itemId, warehouseId, quantity }),
  fc.record({ kind: fc.constant('issue' as const), type: fc.constant('issue' as const), itemId, warehouseId, quantity, fromReserved: fc.constant(true as const) }),
  fc.record({ kind: fc.constant('revalue' as const), itemId, warehouseId, costs: fc.array(lateCost, { minLength: 1, maxLength: 3 }) }),
  fc.record({ kind: fc.constant('reserve' as const), itemId, warehouseId, quantity }),
  fc.record({ kind: fc.constant('release' as const), itemId, warehouseId }),
  fc.record({ kind: fc.constant('expect' as const), itemId, warehouseId, quantity }),
) // prettier-ignore

const blow = fc.record({ itemId: fc.constant('blow'), quantity, good: quantity, blowCost: worth })

test('after any day, moves, layers and reservations add up, and no cost is lost or made', () => {
  const day = fc.array(fc.tuple(document, fc.oneof({ weight: 5, arbitrary: fc.array(lineOf, { minLength: 1, maxLength: 4 }) }, { weight: 1, arbitrary: blow })), { minLength: 5, maxLength: 60 }) // prettier-ignore
  fc.assert(
    fc.property(fc.constantFrom('fifo' as const, 'average' as const), day, (method, steps) => {
      const stock = house({ preform: method, bottle: method })
      let broughtIn = 0n
      for (const [id, step] of steps) {
        const lines = Array.isArray(step) ? step : blowLines(step)
        try {
          const moves = stock.do(lines, id)
          const produced = Array.isArray(step) ? 0n : costOf(moves)
          const added = moves.filter(({ type, valueMinor }) => valueMinor > 0n || type === 'revaluation')
          broughtIn += added.reduce((sum, { valueMinor }) => sum + valueMinor, -produced)
        } catch (error) {
          expect(['insufficient_stock', 'reservation_gone']).toContain((error as { code?: string }).code)
        }
      }
      expect(stock.problems()).toEqual([])
      const onHand = [...stock.shelves.values()].flatMap(({ stock: { levels } }) => levels)
      const value = onHand.reduce((sum, { valueMinor }) => sum + valueMinor, 0n)
      const soldAtCost = costOf(stock.moves.filter(({ type }) => type === 'issue'))
      expect(soldAtCost + value).toBe(broughtIn)
    }),
    { numRuns: 60 },
  )
})

const blowLines = (run: { quantity: number; good: number; blowCost: bigint }): StockLine[] => [
  { kind: 'issue', type: 'consume', itemId: 'preform', warehouseId: 'main', quantity: run.quantity },
  {
    ...{ kind: 'receive', type: 'produce', itemId: 'bottle', warehouseId: 'main', quantity: run.good },
    valueMinor: (before) => costOf(before) + run.blowCost,
  },
]

test('1000 preforms of 2000.00 make 950 bottles that cost 2000.00 when all are sold', () => {
  const stock = house({ preform: 'fifo', bottle: 'fifo' })
  const at = { warehouseId: 'main' }
  stock.do([{ kind: 'receive', type: 'receipt', itemId: 'preform', ...at, quantity: 1000, valueMinor: 200_000n }])
  stock.do(blowLines({ quantity: 1000, good: 950, blowCost: 0n }))
  const sold = [1, 449, 500].flatMap((pieces) =>
    stock.do([{ kind: 'issue', type: 'issue', itemId: 'bottle', ...at, quantity: pieces }]),
  )
  expect(sold[0]?.valueMinor).toBe(-211n)
  expect(costOf(sold)).toBe(200_000n)
})

test('a late cost is borne by what is left of the very goods, which keep their turn to leave', () => {
  const stock = house({ bottle: 'fifo' })
  const at = { itemId: 'bottle', warehouseId: 'main' }
  const [first] = stock.do([{ kind: 'receive', type: 'receipt', ...at, quantity: 10, valueMinor: 100n }])
  stock.do([{ kind: 'receive', type: 'receipt', ...at, quantity: 10, valueMinor: 900n }])
  const take = (pieces: number) => costOf(stock.do([{ kind: 'issue', type: 'issue', ...at, quantity: pieces }]))
  expect(take(4)).toBe(40n)
  const costs = [{ layerOf: first?._id ?? '', quantity: 10, valueMinor: 50n }]
  expect(stock.do([{ kind: 'revalue', ...at, costs }])).toMatchObject([
    { type: 'revaluation', quantity: 0, valueMinor: 30n, onHandAfter: 16, valueAfterMinor: 990n },
  ])
  expect([take(5), take(2), take(9)]).toEqual([75n, 15n + 90n, 810n])
  expect(stock.do([{ kind: 'revalue', ...at, costs }])).toEqual([])
  expect(stock.problems()).toEqual([])
})

test('an item turns when the last of it is sold or promised, or there is some again, in whichever warehouse', () => {
  const stock = house({ bottle: 'fifo' })
  const at = { itemId: 'bottle', warehouseId: 'main' }
  const receive = (quantity: number, warehouseId: string) =>
    stock.do([{ kind: 'receive', type: 'receipt', itemId: 'bottle', warehouseId, quantity, valueMinor: 0n }])
  receive(5, 'main')
  stock.do([{ kind: 'issue', type: 'issue', ...at, quantity: 3 }])
  stock.do([{ kind: 'reserve', ...at, quantity: 2 }])
  stock.do([{ kind: 'release', ...at, quantity: 1 }])
  receive(1, 'north')
  stock.do([{ kind: 'issue', type: 'issue', ...at, quantity: 1 }])
  stock.do([{ kind: 'issue', type: 'issue', ...at, quantity: 1, fromReserved: true }])
  stock.do([{ kind: 'issue', type: 'issue', itemId: 'bottle', warehouseId: 'north', quantity: 1 }])
  expect(stock.turned).toEqual(['bottle 5', 'bottle 0', 'bottle 1', 'bottle 0+0'])
})

test('goods that a request receives may leave again by the same request', () => {
  const stock = house({ bottle: 'fifo' })
  const at = { itemId: 'bottle', warehouseId: 'main', quantity: 5 }
  const moves = stock.do([
    { kind: 'receive', type: 'return', ...at, valueMinor: 50n },
    { kind: 'issue', type: 'scrap', ...at },
  ])
  expect(moves.map(({ valueMinor }) => valueMinor)).toEqual([50n, -50n])
  expect(() => stock.do([{ kind: 'issue', type: 'issue', ...at }, { kind: 'receive', type: 'return', ...at, valueMinor: 0n }])).toThrow('Insufficient stock') // prettier-ignore
})

test('a quantity that is no whole number, or below nothing, is a fault', () => {
  const stock = house({ bottle: 'fifo' })
  const at = { itemId: 'bottle', warehouseId: 'main' }
  for (const wrong of [0, -1, 0.5, Number.NaN])
    expect(() => stock.do([{ kind: 'receive', type: 'receipt', ...at, quantity: wrong, valueMinor: 1n }])).toThrow(
      RangeError,
    )
  expect(() => stock.do([{ kind: 'expect', ...at, quantity: -1 }])).toThrow(RangeError)
  expect(() => stock.do([{ kind: 'reserve', ...at, quantity: -1 }])).toThrow(RangeError)
})
