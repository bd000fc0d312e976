import type { BillNews, Blow, Goods, VendorGoods } from './domain.js'

type State = {
  bill_number: string
  created_by: string
  currency: string
  total_minor: bigint
  paid_minor: bigint
  status: string
  payment_status: string
  day: string
  due_on: string
  version: number
  occurred_at: string
}

type Sale = State & {
  customer_id: string
  customer_name: string
  credited_minor: bigint
  refunded_minor: bigint
  due_minor: bigint
}
type Purchase = State & { supplier_id: string; supplier_name: string; owed_minor: bigint }

/** What an event says about a bill, in the words of this service. */
export const saleNews = (data: Sale): BillNews => ({
  ...headOf('sale', data),
  state: {
    ...stateOf(data),
    ...{ partyId: data.customer_id, partyName: data.customer_name, dueMinor: data.due_minor },
    ...{ creditedMinor: data.credited_minor, refundedMinor: data.refunded_minor },
  },
})

export const purchaseNews = (data: Purchase): BillNews => ({
  ...headOf('purchase', data),
  state: {
    ...stateOf(data),
    ...{ partyId: data.supplier_id, partyName: data.supplier_name, creditedMinor: 0n, refundedMinor: 0n },
    dueMinor: data.owed_minor - data.paid_minor,
  },
})

const headOf = (kind: BillNews['kind'], { bill_number, version, occurred_at }: State) => ({
  ...{ kind, number: bill_number, version, at: new Date(occurred_at) },
})

const stateOf = (data: State) => ({
  ...{ createdBy: data.created_by, currency: data.currency, totalMinor: data.total_minor, paidMinor: data.paid_minor },
  ...{ status: data.status, paymentStatus: data.payment_status, day: data.day, dueOn: data.due_on },
})

type Line = {
  item_id: string
  item_name: string
  quantity: number
  unit_price_minor: bigint
  total_minor: bigint
  discount_minor: bigint
  tax_minor: bigint
  cost_minor: bigint
}

export const goodsOf = (line: Line): Goods => ({
  ...{ itemId: line.item_id, itemName: line.item_name, quantity: line.quantity, unitPriceMinor: line.unit_price_minor },
  ...{ netMinor: line.total_minor - line.discount_minor, taxMinor: line.tax_minor, costMinor: line.cost_minor },
})

type Returned = { item_id: string; quantity: number; net_minor: bigint; tax_minor: bigint; cost_minor: bigint }

export const returnedGoods = (goods: Returned): Goods => ({
  ...{ itemId: goods.item_id, itemName: '', quantity: goods.quantity, unitPriceMinor: 0n },
  ...{ netMinor: goods.net_minor, taxMinor: goods.tax_minor, costMinor: goods.cost_minor },
})

type Run = {
  blow_id: string
  from_item_id: string
  to_item_id: string
  input_quantity: number
  quantity: number
  currency: string
  material_cost_minor: bigint
  blow_cost_minor: bigint
  variance_minor: bigint
  produced_cost_minor: bigint
  day: string
  version: number
  occurred_at: string
}

export const blowOf = (run: Run, reversed: boolean): Blow => ({
  ...{ _id: run.blow_id, fromItemId: run.from_item_id, toItemId: run.to_item_id, currency: run.currency },
  ...{ inputQuantity: run.input_quantity, quantity: run.quantity, materialMinor: run.material_cost_minor },
  ...{ blowCostMinor: run.blow_cost_minor, producedMinor: run.produced_cost_minor, varianceMinor: run.variance_minor },
  ...{ day: run.day, at: new Date(run.occurred_at), version: run.version, reversed },
})

type OrderLine = {
  product: string
  name: string
  item_id: string
  vendor_id: string
  seller: 'house' | 'vendor'
  quantity: number
  unit_price_minor: bigint
  discount_minor: bigint
  tax_minor: bigint
  cost_minor: bigint | null
}

type Order = {
  order_number: string
  user_id: string
  username: string
  status: string
  payment_status: string
  lines: OrderLine[]
  total_minor: bigint
  currency: string
  placed_at: string
  occurred_at: string
}

/** An order of the shop; what vendors sell in it stands apart from what the house sells. */
export const orderNews = (order: Order, dayOf: (instant: Date) => string): BillNews => {
  const at = new Date(order.occurred_at)
  const day = dayOf(new Date(order.placed_at))
  const isPaid = order.payment_status === 'paid' || order.payment_status.endsWith('refunded')
  const of = (seller: OrderLine['seller']) => order.lines.filter((line) => line.seller === seller).map(orderLine)
  return {
    ...{ kind: 'order', number: order.order_number, version: at.getTime(), at },
    state: {
      ...{
        partyId: order.user_id,
        partyName: order.username,
        createdBy: `user:${order.user_id}`,
        currency: order.currency,
      },
      ...{ totalMinor: order.total_minor, creditedMinor: 0n, paidMinor: isPaid ? order.total_minor : 0n },
      ...{ refundedMinor: 0n, dueMinor: isPaid ? 0n : order.total_minor, status: order.status },
      ...{ paymentStatus: order.payment_status, day, dueOn: day },
    },
    ...{ lines: of('house'), vendorLines: of('vendor') },
  }
}

const orderLine = (line: OrderLine): VendorGoods => ({
  ...{ itemId: line.item_id, itemName: line.name, quantity: line.quantity, unitPriceMinor: line.unit_price_minor },
  netMinor: BigInt(line.quantity) * line.unit_price_minor - line.discount_minor,
  ...{ taxMinor: line.tax_minor, costMinor: line.cost_minor ?? 0n, vendorId: line.vendor_id, product: line.product },
})

type OrderReturn = Returned & { product: string; vendor_id: string; seller: 'house' | 'vendor' }

export const orderReturn = (step: string, goods: readonly OrderReturn[]): Partial<BillNews> => {
  const of = (seller: OrderReturn['seller']) =>
    goods
      .filter((one) => one.seller === seller)
      .map((one) => ({ ...returnedGoods(one), vendorId: one.vendor_id, product: one.product }))
  return { returned: { step, goods: of('house') }, vendorReturned: { step, goods: of('vendor') } }
}
