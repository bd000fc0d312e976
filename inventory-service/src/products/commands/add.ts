import { AlreadyAnswered, idempotency, type Claim } from '@countinghouse/shared/idempotency'
import { commitCompanions, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { inTransaction, type Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { getCategory } from '../../categories/commands.js'
import { freeSlug, slugOf } from '../../categories/domain.js'
import { changeCatalogue } from '../../categories/store.js'
import { refuse } from '../../errors.js'
import { addItem, getItem } from '../../items/commands.js'
import { MAIN_WAREHOUSE, type Posted } from '../../stock/domain/stock.js'
import { createProduct, RESERVED_SLUGS, type Product, type ProductFields } from '../domain/product.js'
import { learnWords } from '../search/words.js'
import { findStocked, toStocked, type Stocked } from '../stocked.js'
import { findClaimed, findTaken, insertProduct } from '../store.js'
import type { Deps, Writer } from './deps.js'
import { followStock, noteStocked } from './stock.js'

export type AskedProduct = Omit<ProductFields, 'categoryId'> & {
  category: string
  vendorId: string | undefined
  itemId: string | undefined
  stock: number | undefined
}

/** What is to be stored when so many of the product can be sold. */
type AnswerFor = (product: Product) => Promise<(available: number) => CompanionWrite[]>
type Asking = { by: Writer; claim: Claim | undefined; answerFor: AnswerFor }
export type Added = { product: Product; available: number }

/** Adds a product and what lies in stock of it, once for its key: a repeat goes on with what the first began. */
export const addProduct = async (deps: Deps, asked: AskedProduct, { by, claim, answerFor }: Asking): Promise<Added> => {
  const product = await inTransaction(deps.db, async (tx) => {
    if (claim && (await tx.findOne(idempotency, { _id: claim.id }))) throw new AlreadyAnswered()
    const earlier = claim && (await findClaimed(tx, claim.id))
    return earlier ?? begin(tx, deps, asked, by, claim)
  })
  const answer = await answerFor(product)
  if (asked.stock) {
    const available = await openStock(deps, product, { quantity: asked.stock, actor: by.actor, answer })
    return { product, available }
  }
  const available = (await followStock(deps, [product.itemId])).get(product.itemId)?.available ?? 0
  await commitCompanions(deps.db, answer(available))
  return { product, available }
}

const begin = async (
  tx: Tx,
  { now }: Deps,
  asked: AskedProduct,
  by: Writer,
  claim: Claim | undefined,
): Promise<Product> => {
  const { category, vendorId, itemId: linked, stock: _stock, ...fields } = asked
  await changeCatalogue(tx)
  const { _id: categoryId } = await getCategory(tx, category)
  if (by.role !== 'admin' && (linked !== undefined || (vendorId ?? by.userId) !== by.userId))
    throw refuseCommon('forbidden')
  if (linked !== undefined && asked.stock !== undefined) throw refuse('stock_of_shared_item', { item_id: linked })
  const wanted = slugOf(fields.name) ?? 'product'
  const slug = freeSlug(wanted, new Set([...RESERVED_SLUGS, ...(await findTaken(tx, wanted))]))
  const itemId = linked ?? uuidv7()
  const owner = vendorId ?? by.userId
  const seller: Product['seller'] = owner === by.userId && by.role === 'admin' ? 'house' : 'vendor'
  if (linked !== undefined) await getItem(tx, linked)
  else await addItem(tx, itemId, { ...GOODS, name: fields.name, ownerId: seller === 'vendor' ? owner : null }, now())
  const origin = {
    ...{ _id: slug, itemId, ownsItem: linked === undefined, claimId: claim?.id ?? null },
    ...{ vendorId: owner, vendorName: owner === by.userId ? by.username : null, seller },
  }
  const seen = linked === undefined ? undefined : (await findStocked(tx, [linked])).get(linked)
  const product = {
    ...createProduct(origin, { ...fields, categoryId }, now()),
    ...(seen && { available: seen.available, stockVersion: seen.stockVersion }),
  }
  await learnWords(tx, product.words)
  await insertProduct(tx, product)
  return product
}

const GOODS = { type: 'goods', size: null, grade: null, unit: 'pcs' } as const

type Opening = { quantity: number; actor: string; answer: (available: number) => CompanionWrite[] }

const openStock = async (deps: Deps, product: Product, { quantity, actor, answer }: Opening): Promise<number> => {
  const { _id, itemId } = product
  const { stocks } = await deps.stock.submit({
    ...{ cause: { kind: 'product', id: _id, step: 'opening' }, actor, effectiveAt: deps.now() },
    lines: [{ kind: 'receive', type: 'opening', itemId, warehouseId: MAIN_WAREHOUSE, quantity, valueMinor: 0n }],
    companions: (posted) => answer(countIn(posted, itemId).available),
  })
  const counted = countIn({ stocks }, itemId)
  await noteStocked(deps, [counted])
  return counted.available
}

const countIn = ({ stocks }: Pick<Posted, 'stocks'>, itemId: string): Stocked => {
  const counted = stocks.get(itemId)
  if (!counted) throw new Error(`${itemId} was not counted`)
  return toStocked(counted)
}
