import { stockChanged } from '@countinghouse/shared/contracts/inventory'
import { saleConfirmed } from '@countinghouse/shared/contracts/sales'
import { ledgerEntryPosted } from '@countinghouse/shared/contracts/wallet'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'

const DAYS = 365
const CUSTOMERS = 1_000
const ITEMS = 50
const FIRST = Date.UTC(2025, 10, 1, 4)

/** Sales with their stock and their entries in the books, spread over a year: a third of the events each. */
export const tradeEvents = (random: () => number, from: number, count: number): Envelope[] =>
  Array.from({ length: count }, (_, index) => {
    const number = Math.floor((from + index) / 3)
    const of = { number, at: new Date(FIRST + (number % DAYS) * 86_400_000).toISOString(), quantity: 1 + (number % 7) }
    const kind = (from + index) % 3
    return kind === 0 ? saleEvent(of, random) : kind === 1 ? stockEvent(of) : entryEvent(of)
  })

type Sold = { number: number; at: string; quantity: number }

const itemOf = (number: number): string => `item-${number % ITEMS}`

const saleEvent = ({ number, at, quantity }: Sold, random: () => number): Envelope => {
  const total = BigInt(quantity) * 1_000n
  const customer = Math.floor(random() * CUSTOMERS)
  const line = {
    ...{ item_id: itemOf(number), item_name: itemOf(number), quantity, unit_price_minor: 1_000n, total_minor: total },
    ...{ discount_minor: 0n, tax_minor: 0n, cost_minor: total / 2n },
  }
  return newEvent(saleConfirmed, `SO-${number}`, {
    ...{ bill_number: `SO-${number}`, customer_id: `CUST-${customer}`, customer_name: `Customer ${customer}` },
    ...{ created_by: 'user:bench', currency: 'USD', total_minor: total, credited_minor: 0n, paid_minor: 0n },
    ...{ refunded_minor: 0n, due_minor: total, status: 'confirmed', payment_status: 'pending', day: at.slice(0, 10) },
    ...{ due_on: at.slice(0, 10), version: 1, occurred_at: at, warehouse_id: 'main', lines: [line] },
    ...{ subtotal_minor: total, discount_minor: 0n, tax_minor: 0n, cost_minor: total / 2n },
  })
}

const stockEvent = ({ number, at, quantity }: Sold): Envelope => {
  const value_minor = BigInt(-quantity) * 500n
  return newEvent(stockChanged, itemOf(number), {
    ...{ item_id: itemOf(number), warehouse_id: 'main', on_hand: 1_000_000 - number, reserved: 0, incoming: 0 },
    ...{ value_minor: 500_000_000n, currency: 'USD', cause: { kind: 'sale', id: `SO-${number}`, step: 'confirm' } },
    moves: [{ move_id: `move-${number}`, seq: number, type: 'issue', quantity: -quantity, value_minor }],
    ...{ version: number, effective_at: at, posted_at: at },
  })
}

const entryEvent = ({ number, at, quantity }: Sold): Envelope => {
  const amount_minor = BigInt(quantity) * 1_000n
  const posting = (account: string, side: 'debit' | 'credit') => ({
    ...{ account_id: `house:${account}:USD`, side, amount_minor, currency: 'USD', balance_after_minor: 0n },
  })
  return newEvent(ledgerEntryPosted, `entry-${number}`, {
    ...{ entry_id: `entry-${number}`, kind: 'books', reference: { kind: 'sale', id: `SO-${number}` }, posted_at: at },
    postings: [posting('receivables', 'debit'), posting('sales_revenue', 'credit')],
  })
}
