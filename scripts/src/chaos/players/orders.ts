import { balancesOf, type Happened } from '../tally.js'
import type { Databases } from './player.js'

/** What a vendor sells in the shop, out of the house's stock. */
export const VENDORS_GOODS = 'chaos-vendor'
/** In cents, what the house owes the vendor for a piece, and what it keeps. */
const OWED_FOR_EACH = { vendor_payables: 630n, commission_income: 70n } as const

type Db = Databases['inventory-service']
type Return = { id: string; status: string; refundMinor: bigint }
type Refund = { reason: string; status: string }
type OrderRow = {
  _id: string
  shipping: { name: string }
  lines: { itemId: string; quantity: number; returned: number }[]
  status: string
  totalMinor: bigint
  paidAt: Date | null
  returns: Return[]
  refunds: Refund[]
}
type PaymentRow = { purpose: { id: string }; amountReceivedMinor: bigint; amountRefundedMinor: bigint }

export const ordersIn = async (db: Db, filter: object = {}): Promise<OrderRow[]> =>
  (await db.collection('orders').find(filter).toArray()) as unknown as OrderRow[]

/** The names of orders, once for each such return. */
export const returnsIn = async (db: Db, isOne: (one: Return, order: OrderRow) => boolean): Promise<string[]> =>
  (await ordersIn(db)).flatMap((order) =>
    order.returns.filter((one) => isOne(one, order)).map(() => order.shipping.name),
  )

/** The goods are back, and the money too. */
export const hasDone = ({ id, status }: Return, { refunds }: OrderRow): boolean =>
  status === 'received' && refunds.some((refund) => refund.status === 'done' && refund.reason.endsWith(id))

/** Orders and payments that do not stand to one another as they must, and goods that are not where their order says. */
export const paidInVain = async ({
  'inventory-service': db,
  'wallet-service': wallet,
}: Databases): Promise<string[]> => {
  const orders = await ordersIn(db)
  const filter = { 'purpose.kind': 'order', status: 'succeeded' }
  const payments = (await wallet.collection('payments').find(filter).toArray()) as unknown as PaymentRow[]
  const moves = await db.collection('stock_moves').find({ 'cause.kind': 'order' }).toArray()
  const leftFor = (id: string) =>
    moves.reduce((sum, { cause, quantity }) => ((cause as { id: string }).id === id ? sum - Number(quantity) : sum), 0)
  const stray = payments.filter(({ purpose }) => !orders.some(({ _id }) => _id === purpose.id))
  return [
    ...stray.map(({ purpose: { id } }) => `a payment is for the order ${id}, which is not there`),
    ...orders.flatMap((one) => {
      const made = payments.filter(({ purpose: { id } }) => id === one._id)
      const keptMinor = made.reduce((sum, { amountReceivedMinor: got, amountRefundedMinor: back }) => sum + BigInt(got) - BigInt(back), 0n) // prettier-ignore
      const { pieces, valueMinor } = soldBy(one)
      return [
        ...(made.length === (one.paidAt === null ? 0 : 1) ? [] : [`order ${one._id} has ${made.length} payments`]),
        ...(keptMinor === valueMinor ? [] : [`${keptMinor} was paid for order ${one._id}`]),
        ...(leftFor(one._id) === pieces ? [] : [`${leftFor(one._id)} pieces left for order ${one._id}`]),
      ]
    }),
  ]
}

/** What of an order stays sold. */
const soldBy = ({ status, paidAt, lines, totalMinor, returns }: OrderRow) => {
  if (paidAt === null || status === 'cancelled') return { pieces: 0, valueMinor: 0n }
  return {
    pieces: lines.reduce((sum, { quantity, returned }) => sum + quantity - returned, 0),
    valueMinor: returns.reduce((sum, { refundMinor }) => sum - BigInt(refundMinor), BigInt(totalMinor)),
  }
}

/** By what clients asked for, not by what the shop has of it. */
export const wronglyOwed = async ({ 'wallet-service': db }: Databases, happened: Happened): Promise<string[]> => {
  const attempts = happened.attempts.filter(({ kind }) => kind.endsWith(' order'))
  const sold = -(balancesOf({ ...happened, attempts }).get(VENDORS_GOODS) ?? 0n)
  const problems = Object.entries(OWED_FOR_EACH).map(async ([name, eachMinor]) => {
    const account = await db.collection('accounts').findOne({ _id: `house:${name}:USD` as never })
    const isMinor = BigInt((account?.['postedMinor'] as bigint | undefined) ?? 0n)
    return isMinor === sold * eachMinor ? [] : [`${name} is ${isMinor} for ${sold} pieces of a vendor`]
  })
  return (await Promise.all(problems)).flat()
}
