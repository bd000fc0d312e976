import { blowCompleted, blowReversed } from '@countinghouse/shared/contracts/blows'
import { countPosted, stockChanged } from '@countinghouse/shared/contracts/inventory'
import * as purchases from '@countinghouse/shared/contracts/purchases'
import * as shop from '@countinghouse/shared/contracts/shop'
import * as sales from '@countinghouse/shared/contracts/sales'
import type { EventContract } from '@countinghouse/shared/messaging/event'
import { project, type Projector } from '@countinghouse/shared/messaging/projector'
import type { z } from 'zod'
import { noteBill, noteBlow, noteCount, noteRating, noteStock } from './commands.js'
import type { BillNews } from './domain.js'
import { blowOf, goodsOf, orderNews, orderReturn, purchaseNews, returnedGoods, saleNews } from './reading.js'

type Data<Contract> = Contract extends EventContract<infer Schema> ? z.output<Schema> : never
type SaleData = Data<typeof sales.saleEdited>
type PurchaseData = Data<typeof purchases.purchaseClosed>

const sale = <Schema extends z.ZodType>(
  contract: EventContract<Schema>,
  more: (data: z.output<Schema>) => Partial<BillNews> = () => ({}),
) =>
  // prettier-ignore
  project(contract, (tx, data) => noteBill(tx, { ...saleNews(data as unknown as SaleData), ...more(data) }))

const purchase = <Schema extends z.ZodType>(
  contract: EventContract<Schema>,
  more: (data: z.output<Schema>) => Partial<BillNews> = () => ({}),
) =>
  // prettier-ignore
  project(contract, (tx, data) => noteBill(tx, { ...purchaseNews(data as unknown as PurchaseData), ...more(data) }))

type Paid = { payment_id: string; amount_minor: bigint; occurred_at: string }
const paymentOf = ({ payment_id: id, amount_minor: amountMinor, occurred_at }: Paid) => ({
  id,
  amountMinor,
  at: new Date(occurred_at),
})

const saleProjectors: readonly Projector[] = [
  sale(sales.saleConfirmed, ({ lines }) => ({ lines: lines.map(goodsOf) })),
  sale(sales.saleEdited),
  sale(sales.saleShipped),
  sale(sales.saleCancelled, ({ returned }) => ({
    returned: { step: 'cancelled', goods: returned.map(returnedGoods) },
  })),
  sale(sales.saleDeleted, () => ({ deleted: true })),
  sale(sales.saleGoodsReturned, ({ return_id, returned }) => ({ returned: { step: return_id, goods: returned.map(returnedGoods) } })), // prettier-ignore
  sale(sales.salePaymentReceived, (data) => ({ payment: paymentOf(data) })),
  sale(sales.salePaymentFailed),
  sale(sales.saleRefunded, ({ refund_id, ...data }) => ({ refund: paymentOf({ ...data, payment_id: refund_id }) })),
]

type Ordered = { lines: readonly { total_minor: bigint }[] }
const orderedLines = ({ lines }: Ordered) => ({
  lines: lines.map((line) => goodsOf({ ...line, discount_minor: 0n, cost_minor: line.total_minor } as Parameters<typeof goodsOf>[0])), // prettier-ignore
})

const purchaseProjectors: readonly Projector[] = [
  purchase(purchases.purchaseDrafted, orderedLines),
  purchase(purchases.purchaseOrdered, orderedLines),
  purchase(purchases.purchaseChanged, orderedLines),
  purchase(purchases.purchaseReceived),
  purchase(purchases.purchaseGoodsReturned, ({ returned, version }) => ({
    returned: { step: version.toString(), goods: returned.map((goods) => returnedGoods({ ...goods, cost_minor: goods.net_minor })) }, // prettier-ignore
  })),
  purchase(purchases.purchaseCostChanged),
  purchase(purchases.purchasePaid, (data) => ({ payment: paymentOf(data) })),
  purchase(purchases.purchasePaymentFailed),
  purchase(purchases.purchaseRefunded, (data) => ({ refund: paymentOf(data) })),
  purchase(purchases.purchaseClosed),
  purchase(purchases.purchaseCancelled),
  purchase(purchases.purchaseDeleted, () => ({ deleted: true })),
]

const orderProjectors = (dayOf: (instant: Date) => string): readonly Projector[] => [
  ...[shop.orderPlaced, shop.orderPaid, shop.orderPrepared, shop.orderShipped, shop.orderDelivered].map((contract) =>
    project(contract, (tx, data) => noteBill(tx, orderNews(data, dayOf))),
  ),
  project(shop.orderCancelled, (tx, data) => noteBill(tx, orderNews(data, dayOf))),
  project(shop.orderReturned, (tx, data) =>
    noteBill(tx, { ...orderNews(data, dayOf), ...orderReturn(data.return_id, data.goods) }),
  ),
  project(shop.orderRefunded, (tx, data) =>
    noteBill(tx, {
      ...orderNews(data, dayOf),
      refund: { id: data.refund_id, amountMinor: data.refund_minor, at: new Date(data.occurred_at) },
    }),
  ),
]

export const tradeProjectors = (dayOf: (instant: Date) => string): readonly Projector[] => [
  ...saleProjectors,
  ...purchaseProjectors,
  ...orderProjectors(dayOf),
  project(blowCompleted, (tx, data) => noteBlow(tx, blowOf(data, false))),
  project(blowReversed, (tx, data) => noteBlow(tx, blowOf(data, true))),
  project(countPosted, (tx, { stock_count_id, warehouse_id, lines, posted_at }) => {
    const at = new Date(posted_at)
    const compared = lines.map(({ item_id: itemId, expected, counted }) => ({ itemId, expected, counted }))
    return noteCount(tx, { _id: stock_count_id, warehouseId: warehouse_id, day: dayOf(at), at, lines: compared })
  }),
  project(shop.productRated, (tx, { product, name, seller, version, ...data }) =>
    noteRating(tx, {
      ...{ _id: product, name, itemId: data.item_id, vendorId: data.vendor_id, seller },
      ...{ sum: data.rating_sum, count: data.rating_count, version },
    }),
  ),
  project(stockChanged, (tx, data) => {
    const { item_id: itemId, warehouse_id: warehouseId, currency, version } = data
    const at = new Date(data.effective_at)
    const level = {
      ...{ _id: `${itemId} ${warehouseId}`, itemId, warehouseId, currency, version, at },
      ...{ onHand: data.on_hand, reserved: data.reserved, incoming: data.incoming, valueMinor: data.value_minor },
    }
    const made = data.moves.map(({ move_id, type, quantity, value_minor }) => ({
      ...{ _id: move_id, itemId, warehouseId, type, quantity, valueMinor: value_minor, at },
    }))
    return noteStock(tx, level, made)
  }),
]
