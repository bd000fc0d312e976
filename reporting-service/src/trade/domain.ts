/** One line of a bill, or goods that came back. */
export type Goods = {
  itemId: string
  itemName: string
  quantity: number
  unitPriceMinor: bigint
  /** Without tax, less the discount. */
  netMinor: bigint
  taxMinor: bigint
  costMinor: bigint
}

export type Payment = { id: string; amountMinor: bigint; at: Date }

/** What a bill is after one of its steps; the step with the highest version counts. */
export type BillState = {
  partyId: string
  partyName: string
  createdBy: string
  currency: string
  totalMinor: bigint
  creditedMinor: bigint
  paidMinor: bigint
  refundedMinor: bigint
  dueMinor: bigint
  status: string
  paymentStatus: string
  day: string
  dueOn: string
}

/** What of an order is a vendor's, for whom the house sells it. */
export type VendorGoods = Goods & { vendorId: string; product: string }

/** A sale, a purchase or an order of the shop as far as its events tell. */
export type Bill = BillState & {
  _id: string
  kind: 'sale' | 'purchase' | 'order'
  number: string
  version: number
  at: Date
  /** When it was made; later steps do not change it. */
  madeAt: Date
  deleted: boolean
  linesVersion: number
  lines: Goods[]
  returned: (Goods & { step: string })[]
  vendorLines: VendorGoods[]
  vendorReturned: (VendorGoods & { step: string })[]
  payments: Payment[]
  refunds: Payment[]
}

export type BillNews = {
  kind: Bill['kind']
  number: string
  version: number
  at: Date
  state: BillState
  deleted?: true
  lines?: Goods[]
  returned?: { step: string; goods: Goods[] }
  vendorLines?: VendorGoods[]
  vendorReturned?: { step: string; goods: VendorGoods[] }
  payment?: Payment
  refund?: Payment
}

/** Adds what an event says. Neither the order of the events nor a repetition makes a difference to the outcome. */
export const learnBill = (known: Bill | undefined, news: BillNews): Bill => {
  const { kind, number, version, at, state } = news
  const bill: Bill = known ?? {
    ...state,
    ...{ _id: `${kind} ${number}`, kind, number, version: -1, at, madeAt: at, deleted: false },
    ...{ linesVersion: -1, lines: [], returned: [], payments: [], refunds: [] },
    ...{ vendorLines: [], vendorReturned: [] },
  }
  const bringsLines = news.lines !== undefined && version >= bill.linesVersion
  return {
    ...bill,
    ...(version >= bill.version && { ...state, version, at }),
    madeAt: at < bill.madeAt ? at : bill.madeAt,
    deleted: bill.deleted || news.deleted === true,
    ...(bringsLines && { lines: news.lines, vendorLines: news.vendorLines ?? [], linesVersion: version }),
    returned: withReturned(bill.returned, news.returned),
    vendorReturned: withReturned(bill.vendorReturned, news.vendorReturned),
    payments: withPayment(bill.payments, news.payment),
    refunds: withPayment(bill.refunds, news.refund),
  }
}

type Stepped<Some> = Some & { step: string }

const withReturned = <Some extends Goods>(
  known: Stepped<Some>[],
  news: { step: string; goods: Some[] } | undefined,
): Stepped<Some>[] =>
  !news || known.some(({ step }) => step === news.step)
    ? known
    : [...known, ...news.goods.map((goods) => ({ ...goods, step: news.step }))]

const withPayment = (known: Payment[], news: Payment | undefined): Payment[] =>
  !news || known.some(({ id }) => id === news.id) ? known : [...known, news]

/** A run of blowing preforms into bottles. */
export type Blow = {
  _id: string
  fromItemId: string
  toItemId: string
  inputQuantity: number
  quantity: number
  currency: string
  materialMinor: bigint
  blowCostMinor: bigint
  producedMinor: bigint
  varianceMinor: bigint
  day: string
  at: Date
  version: number
  reversed: boolean
}

export const learnBlow = (known: Blow | undefined, news: Blow): Blow =>
  known && known.version >= news.version ? known : news

/** What lies of an item in a warehouse after its newest step. */
export type Level = {
  _id: string
  itemId: string
  warehouseId: string
  onHand: number
  reserved: number
  incoming: number
  valueMinor: bigint
  currency: string
  version: number
  at: Date
}

export const learnLevel = (known: Level | undefined, news: Level): Level =>
  known && known.version >= news.version ? known : news

export type Move = {
  _id: string
  itemId: string
  warehouseId: string
  type: string
  quantity: number
  valueMinor: bigint
  at: Date
}

/** A physical count of a warehouse: of each item what was expected and what was there. */
export type Count = {
  _id: string
  warehouseId: string
  day: string
  at: Date
  lines: { itemId: string; expected: number; counted: number }[]
}

/** All ratings of a product of the shop that count now. */
export type Rating = {
  _id: string
  name: string
  itemId: string
  vendorId: string
  seller: 'house' | 'vendor'
  sum: number
  count: number
  version: number
}

export const learnRating = (known: Rating | undefined, news: Rating): Rating =>
  known && known.version >= news.version ? known : news
