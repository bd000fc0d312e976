import type { Migration } from '@countinghouse/shared/mongo/migrations'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import type { ServiceKit, ServiceParts } from '@countinghouse/shared/service'
import { gateDepsOf } from './app.approvals.js'
import type { Settings } from './config.js'
import type { DuplicateSource, Removal } from './duplicates/commands.js'
import { duplicateEndpoints } from './duplicates/routes.js'
import { findings } from './duplicates/store.js'
import { refuse } from './errors.js'
import { editParty } from './parties/commands.js'
import { PARTY_KINDS } from './parties/domain.js'
import { parties } from './parties/store.js'
import { cancelPurchase } from './purchases/commands/change.js'
import type { Deps as PurchaseDeps } from './purchases/commands/deps.js'
import { recordPayment } from './purchases/commands/pay.js'
import { returnGoods as sendBack } from './purchases/commands/sendBack.js'
import { keptOf } from './purchases/domain/purchase.js'
import { findPurchase, purchasePayments, purchases } from './purchases/store.js'
import type { Deps as SaleDeps } from './sales/commands/deps.js'
import { recordRefund } from './sales/commands/payments.js'
import { cancelSale, returnGoods } from './sales/commands/steps.js'
import { creditMinor } from './sales/domain/sale.js'
import { findPayment, salePayments, saleRefunds } from './sales/records.js'
import { findAnySale, sales } from './sales/store.js'
import type { Stock } from './stock/stock.js'

export const duplicateMigrations: readonly Migration[] = [{ id: '0009-duplicates', collections: [findings] }]

/** What was entered twice, wherever it was. */
export const duplicateParts = (kit: ServiceKit<Settings>, stock: Stock): ServiceParts => {
  const { db, now, settings } = kit
  const deps = { ...gateDepsOf(kit), stock }
  const sources = [
    ...saleSources(deps),
    ...purchaseSources(deps),
    ...PARTY_KINDS.map((kind) => partySource(deps, kind)),
  ]
  const { BUSINESS_TIMEZONE: timeZone, DEFAULT_CURRENCY: currency } = settings
  return { endpoints: duplicateEndpoints({ db, now, timeZone, currency, sources }) }
}

const asAdmin = ({ by: userId }: Removal) => ({ userId, seesAll: true })
const nothing = () => []

/** Marks the refund of a payment that was entered twice, which is not refunded again. */
const refundOf = (paymentId: string): string => `Duplicate ${paymentId}`

const saleSources = (deps: SaleDeps): DuplicateSource[] => [
  {
    ...{ kind: 'sale', collection: sales, match: { cancelledAt: null, deletedAt: null }, billNumber: '$_id' },
    same: { party: '$customerId', amountMinor: '$totalMinor', byDay: true },
    remove: async (number, removal) => {
      await takeSaleBack(deps, number, removal)
      const sale = await findAnySale(readsOn(deps.db), number)
      const owedMinor = sale ? creditMinor(sale) : 0n
      const { reason, method } = removal
      const asked = { amountMinor: owedMinor, method, reference: null, reason }
      if (owedMinor > 0n)
        await inTransaction(deps.db, (tx) => recordRefund(tx, { number, by: asAdmin(removal) }, asked, deps.now()))
    },
  },
  {
    ...{ kind: 'sale_payment', collection: salePayments, match: { status: 'succeeded' }, billNumber: '$billNumber' },
    same: { party: '$billNumber', amountMinor: '$amountMinor', byDay: true },
    remove: async (paymentId, removal) => {
      const payment = await findPayment(readsOn(deps.db), paymentId)
      if (!payment || payment.method === 'card') throw refuse('refund_by_card')
      const { billNumber: number, amountMinor } = payment
      const reference = refundOf(paymentId)
      const asked = { amountMinor, method: removal.method, reference, reason: removal.reason }
      await inTransaction(deps.db, async (tx) => {
        if (await tx.findOne(saleRefunds, { billNumber: number, reference })) return
        await recordRefund(tx, { number, by: asAdmin(removal) }, asked, deps.now())
      })
    },
  },
]

const takeSaleBack = async (deps: SaleDeps, number: string, removal: Removal): Promise<void> => {
  const sale = await findAnySale(readsOn(deps.db), number)
  if (!sale || sale.cancelledAt) return
  const step = { number, by: asAdmin(removal) }
  if (!sale.isShipped) return void (await cancelSale(deps, step, nothing))
  const out = sale.lines.map(({ itemId, quantity, returnedQuantity }) => ({
    itemId,
    quantity: quantity - returnedQuantity,
  }))
  const lines = out.filter(({ quantity }) => quantity > 0)
  if (lines.length > 0) await returnGoods(deps, step, { lines, restock: true, reason: removal.reason }, nothing)
}

// What was ordered, without tax: it stays the same when goods go back.
const ORDERED = {
  $sum: { $map: { input: '$lines', as: 'line', in: { $multiply: ['$$line.quantity', '$$line.unitPriceMinor'] } } },
}

const purchaseSources = (deps: PurchaseDeps): DuplicateSource[] => [
  {
    ...{ kind: 'purchase', collection: purchases, billNumber: '$_id' },
    match: { status: { $nin: ['draft', 'cancelled'] }, deletedAt: null },
    same: { party: '$supplierId', amountMinor: ORDERED, byDay: true },
    remove: async (number, removal) => {
      const reads = readsOn(deps.db)
      const step = { number, by: asAdmin(removal) }
      const before = await findPurchase(reads, number, undefined)
      const kept = before?.lines.map((line) => ({ itemId: line.itemId, quantity: keptOf(line) })) ?? []
      const goods = kept.filter(({ quantity }) => quantity > 0)
      if (before?.status === 'ordered') await cancelPurchase(deps, step, nothing)
      else if (goods.length > 0) await sendBack(deps, step, { goods, reason: removal.reason }, nothing)
      const paidMinor = (await findPurchase(reads, number, undefined))?.paidMinor ?? 0n
      if (paidMinor > 0n) await refundPurchase(deps, number, { amountMinor: paidMinor, reference: null }, removal)
    },
  },
  {
    ...{ kind: 'purchase_payment', collection: purchasePayments, billNumber: '$billNumber' },
    match: { kind: 'payment', outcome: 'succeeded' },
    same: { party: '$billNumber', amountMinor: '$amountMinor', byDay: true },
    remove: async (paymentId, removal) => {
      const reads = readsOn(deps.db)
      const payment = await reads.findOne(purchasePayments, { _id: paymentId })
      if (!payment) return
      const { billNumber, amountMinor } = payment
      const reference = refundOf(paymentId)
      if (await reads.findOne(purchasePayments, { billNumber, reference })) return
      await refundPurchase(deps, billNumber, { amountMinor, reference }, removal)
    },
  },
]

type Refund = { amountMinor: bigint; reference: string | null }

const refundPurchase = async (deps: PurchaseDeps, number: string, refund: Refund, removal: Removal): Promise<void> => {
  const { reason, method } = removal
  const asked = { ...refund, kind: 'refund', outcome: 'succeeded', method, reason } as const
  await recordPayment(deps, { number, by: asAdmin(removal) }, asked, nothing)
}

const partySource = ({ db, now }: SaleDeps, kind: (typeof PARTY_KINDS)[number]): DuplicateSource => ({
  ...{ kind, collection: parties[kind], match: { active: true } },
  same: { party: { $toLower: { $trim: { input: '$name' } } } },
  remove: async (id) => {
    await inTransaction(db, (tx) => editParty(tx, { kind, id, changes: { active: false }, ifMatch: undefined }, now()))
  },
})
