import { toWireAmount } from '@countinghouse/shared/money'
import { BUSINESS_READERS, count, money, share, text, time, type Report } from '../../reports/definition.js'
import { groupBy, shareOf, totalOf } from '../../reports/sums.js'
import { STOCK_AGES, agesOf, classesOf } from '../ageing.js'
import type { Level } from '../domain.js'
import { movedByItem, type ItemMoved } from '../moved.js'
import { namesOf, sumRuns, type RunSum } from '../queries.js'
import { levels } from '../store.js'

const AGE_TITLES = ['Up to 30 days', '31 to 60 days', '61 to 90 days', 'Over 90 days']
const ages = STOCK_AGES.map((age, index) => count(age, AGE_TITLES[index] ?? age))

export const stock: Report = {
  name: 'stock',
  title: 'Stock',
  summary:
    'What lies of each item, what it is worth, how old it is, and how much it matters (A, B or C by use in a year)',
  access: BUSINESS_READERS,
  cached: true,
  figures: [count('items', 'Items'), count('on_hand', 'Pieces'), money('value', 'Value'), ...STOCK_AGES.map((age, index) => money(`value_${age}`, `Value, ${(AGE_TITLES[index] ?? '').toLowerCase()}`))], // prettier-ignore
  columns: [
    ...[text('item_id', 'Item'), text('item_name', 'Name'), text('class', 'Class'), count('on_hand', 'On hand')],
    ...[
      count('reserved', 'Reserved'),
      count('available', 'Available'),
      count('incoming', 'On its way'),
      money('value', 'Value'),
    ],
    ...[
      money('unit_cost', 'Unit cost'),
      ...ages,
      money('used_in_year', 'Used in a year'),
      time('last_moved_at', 'Last moved'),
    ],
  ],
  example: {
    figures: { items: 1, on_hand: 500, value: 1750, value_days_0_30: 1750, value_days_31_60: 0, value_days_61_90: 0, value_days_over_90: 0 }, // prettier-ignore
    row: { item_id: 'bottle-500ml-a', item_name: 'Bottle 500 ml A', class: 'A', on_hand: 500, reserved: 20, available: 480, incoming: 0, value: 1750, unit_cost: 3.5, days_0_30: 500, days_31_60: 0, days_61_90: 0, days_over_90: 0, used_in_year: 350, last_moved_at: '2026-11-20T10:00:00.000Z' }, // prettier-ignore
  },
  compute: async ({ reads, currency, today }) => {
    const byItem = groupBy(await reads.find(levels, { currency }, { sort: { itemId: 1 } }), ({ itemId }) => itemId)
    const [moved, names] = [await movedByItem(reads, today), await namesOf(reads)]
    const used = new Map([...byItem.keys()].map((itemId) => [itemId, moved.get(itemId)?.usedMinor ?? 0n]))
    const classes = classesOf(used)
    const rows = [...byItem].map(([itemId, places]) => ({
      ...{ item_id: itemId, item_name: names.get(itemId) ?? itemId, class: classes.get(itemId) ?? 'C' },
      ...rowOf(places, moved.get(itemId)),
      used_in_year: used.get(itemId) ?? 0n,
    }))
    const value = totalOf(rows, (row) => row.value)
    const aged = STOCK_AGES.map((age) => [`value_${age}`, totalOf(rows, (row) => partOf(row, age))] as const)
    const figures = {
      items: rows.length,
      on_hand: rows.reduce((sum, row) => sum + row.on_hand, 0),
      value,
      ...Object.fromEntries(aged),
    }
    return { figures, rows: rows.sort((one, other) => Number(other.value - one.value)) }
  },
  chart: ({ figures }, { currency }) => ({
    ...{ title: 'Value of the stock by age', unit: currency, kind: 'bars', labels: AGE_TITLES },
    series: [
      { name: 'Value', values: STOCK_AGES.map((age) => toWireAmount(figures[`value_${age}`] as bigint, currency)) },
    ],
  }),
}

const partOf = (
  row: { value: bigint; on_hand: number } & Record<(typeof STOCK_AGES)[number], number>,
  age: (typeof STOCK_AGES)[number],
): bigint => (row.on_hand === 0 ? 0n : (row.value * BigInt(row[age])) / BigInt(row.on_hand))

const NOTHING_CAME = { days_0_30: 0, days_31_60: 0, days_61_90: 0 }

const rowOf = (places: readonly Level[], moved: ItemMoved | undefined) => {
  const sum = (key: 'onHand' | 'reserved' | 'incoming') =>
    places.reduce((total, level) => total + Number(level[key]), 0)
  const [on_hand, reserved] = [sum('onHand'), sum('reserved')]
  const value = totalOf(places, ({ valueMinor }) => BigInt(valueMinor))
  return {
    ...{ on_hand, reserved, available: on_hand - reserved, incoming: sum('incoming'), value },
    ...{
      unit_cost: on_hand === 0 ? null : value / BigInt(on_hand),
      ...agesOf(on_hand, moved?.arrivals ?? NOTHING_CAME),
      last_moved_at: moved?.lastAt ?? null,
    },
  }
}

export const efficiency: Report = {
  name: 'efficiency',
  title: 'Efficiency of blowing',
  summary: 'Preforms in, bottles out, wastage and costs of production in a period',
  access: BUSINESS_READERS,
  cached: true,
  figures: [count('runs', 'Runs'), count('input', 'Preforms in'), count('output', 'Bottles out'), count('wastage', 'Wasted'), share('yield', 'Yield'), money('cost', 'Cost')], // prettier-ignore
  columns: [
    ...[
      text('from_item_id', 'From'),
      text('to_item_id', 'To'),
      count('runs', 'Runs'),
      count('input', 'In'),
      count('output', 'Out'),
    ],
    ...[
      count('wastage', 'Wasted'),
      share('yield', 'Yield'),
      money('material_cost', 'Material'),
      money('blow_cost', 'Blowing'),
    ],
    ...[money('variance', 'Variance'), money('unit_cost', 'Unit cost')],
  ],
  example: {
    figures: { runs: 1, input: 1000, output: 950, wastage: 50, yield: 0.95, cost: 3450 },
    row: { from_item_id: 'preform-21g', to_item_id: 'bottle-500ml-a', runs: 1, input: 1000, output: 950, wastage: 50, yield: 0.95, material_cost: 2500, blow_cost: 950, variance: 0, unit_cost: 3.63 }, // prettier-ignore
  },
  compute: async (context) => {
    const kinds = await sumRuns<{ from: string; to: string }>(context, { from: '$fromItemId', to: '$toItemId' })
    const rows = kinds.map((kind) => ({ from_item_id: kind._id.from, to_item_id: kind._id.to, ...outcomeOf([kind]) }))
    const { runs, input, output, wastage, yield: good, material_cost, blow_cost } = outcomeOf(kinds)
    return { figures: { runs, input, output, wastage, yield: good, cost: material_cost + blow_cost }, rows }
  },
  chart: async (_, context) => {
    const days = await sumRuns<string>(context, '$day')
    return {
      ...{ title: 'Yield of blowing by day', unit: '%', kind: 'line', labels: days.map(({ _id }) => _id) },
      series: [{ name: 'Good bottles of the preforms used', values: days.map((day) => outcomeOf([day]).yield * 100) }],
    }
  },
}

const outcomeOf = (sums: readonly RunSum<unknown>[]) => {
  const counted = (key: 'runs' | 'input' | 'output') => sums.reduce((sum, one) => sum + Number(one[key]), 0)
  const [runs, input, output] = [counted('runs'), counted('input'), counted('output')]
  const total = (key: 'materialMinor' | 'blowCostMinor' | 'varianceMinor' | 'producedMinor') =>
    totalOf(sums, (one) => one[key])
  return {
    ...{ runs, input, output, wastage: input - output, yield: shareOf(output, input) },
    ...{ material_cost: total('materialMinor'), blow_cost: total('blowCostMinor'), variance: total('varianceMinor') },
    unit_cost: output === 0 ? null : total('producedMinor') / BigInt(output),
  }
}
