/** A bottle of the sample data, what it cost, and what it is sold for, in minor units. */
export type SampleItem = {
  id: string
  name: string
  size: string
  unitCostMinor: bigint
  unitPriceMinor: bigint
}

export const SAMPLE_ITEMS: readonly [SampleItem, SampleItem] = [
  { id: 'bottle-500ml-a', name: 'Bottle 500ml Grade A', size: '500ml', unitCostMinor: 211n, unitPriceMinor: 400n },
  { id: 'bottle-1500ml-a', name: 'Bottle 1500ml Grade A', size: '1500ml', unitCostMinor: 320n, unitPriceMinor: 600n },
]

export const SAMPLE_CUSTOMERS = [
  { id: 'CUST-001', name: 'ABC Grocery', contact: '+91 80 5550 0101', address: '12 Market Road, Bengaluru' },
  { id: 'CUST-002', name: 'Blue Lotus Café', contact: '+91 80 5550 0102', address: '4 Temple Street, Mysuru' },
  { id: 'CUST-003', name: 'Corner Stores', contact: '+91 80 5550 0103', address: '77 Station Road, Tumakuru' },
] as const

/** What is left of each bottle when all sample sales are made. */
const LEFT = 500

export type SampleSale = { at: Date; customerId: string; quantities: readonly [number, number]; isSettled: boolean }

const LAST = { at: new Date('2025-12-23T14:30:00Z'), customerId: 'CUST-001', quantities: [100, 50] } as const
const FIRST_AT = new Date('2025-12-23T04:00:00Z').getTime()
const GAP_MS = 24 * 60_000

/** The sales of one business day: twenty-five that are delivered and paid, and the one of the documentation. */
export const SAMPLE_SALES: readonly SampleSale[] = [
  ...Array.from({ length: 25 }, (_, index): SampleSale => ({
    at: new Date(FIRST_AT + index * GAP_MS),
    customerId: SAMPLE_CUSTOMERS[index % SAMPLE_CUSTOMERS.length]?.id ?? 'CUST-001',
    quantities: [10 + ((index * 7) % 40), 5 + ((index * 11) % 25)],
    isSettled: true,
  })),
  { ...LAST, isSettled: false },
]

/** What must lie there before the first sale. */
export const openingQuantity = (item: 0 | 1): number =>
  SAMPLE_SALES.reduce((sum, { quantities }) => sum + quantities[item], LEFT)
