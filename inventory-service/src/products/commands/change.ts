import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { getCategory } from '../../categories/commands.js'
import { changeCatalogue } from '../../categories/store.js'
import { refuse } from '../../errors.js'
import { changeProduct, mayChange, withImages, type Product, type ProductFields } from '../domain/product.js'
import { learnWords } from '../search/words.js'
import { findProduct, saveProduct } from '../store.js'
import { unwant } from '../unwanted.js'
import type { Writer } from './deps.js'

export const getProduct = async (reads: Reads, slug: string): Promise<Product> => {
  const product = await findProduct(reads, slug)
  if (!product) throw refuse('product_not_found', { slug })
  return product
}

/** A product that whoever asks may change; refuses the others. */
export const getOwnProduct = async (
  reads: Reads,
  slug: string,
  by: Pick<Writer, 'userId' | 'role'>,
): Promise<Product> => {
  const product = await getProduct(reads, slug)
  if (!mayChange(product, by)) throw refuseCommon('forbidden')
  return product
}

export type AskedChange = {
  slug: string
  changes: Partial<Omit<ProductFields, 'categoryId'>> & { category?: string }
  ifMatch: number | undefined
}

export const editProduct = async (
  tx: Tx,
  { slug, changes: { category, ...fields }, ifMatch }: AskedChange,
  by: Writer,
  now: Date,
): Promise<Product> => {
  await changeCatalogue(tx)
  const product = await getOwnProduct(tx, slug, by)
  if (ifMatch !== undefined && ifMatch !== product.version) throw refuseCommon('version_conflict')
  const categoryId = category === undefined ? product.categoryId : (await getCategory(tx, category))._id
  const changed = changeProduct(product, { ...fields, categoryId }, now)
  await learnWords(tx, changed.words)
  await saveProduct(tx, changed)
  return changed
}

/** The shop no longer shows it. Its slug stays taken, for what was ordered and written under it. */
export const deleteProduct = async (tx: Tx, slug: string, by: Writer, now: Date): Promise<Product> => {
  await changeCatalogue(tx)
  const product = await getOwnProduct(tx, slug, by)
  await unwant(
    tx,
    product.images.map(({ id }) => id),
    now,
  )
  await saveProduct(tx, { ...withImages(product, [], now), deletedAt: now })
  return product
}
