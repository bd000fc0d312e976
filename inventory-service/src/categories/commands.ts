import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../errors.js'
import { changeCategory, createCategory, slugOf, type Category, type CategoryFields } from './domain.js'
import { changeCatalogue, findCategory, insertCategory, removeCategory, saveCategory } from './store.js'

export const addCategory = async (
  tx: Tx,
  { slug: wanted, ...fields }: CategoryFields & { slug: string | undefined },
  now: Date,
): Promise<Category> => {
  const number = await changeCatalogue(tx, { newCategory: true })
  const slug = wanted ?? slugOf(fields.name) ?? `category-${number.toString()}`
  if (await findCategory(tx, slug)) throw refuse('category_exists', { slug })
  const category = createCategory(number, slug, fields, now)
  await insertCategory(tx, category)
  return category
}

/** By number or by slug. */
export const getCategory = async (reads: Reads, idOrSlug: string): Promise<Category> => {
  const category = await findCategory(reads, idOrSlug)
  if (!category) throw refuse('category_not_found', { category: idOrSlug })
  return category
}

export type CategoryChange = { id: string; changes: Partial<CategoryFields>; ifMatch: number | undefined }

export const editCategory = async (tx: Tx, { id, changes, ifMatch }: CategoryChange, now: Date): Promise<Category> => {
  await changeCatalogue(tx)
  const category = await getCategory(tx, id)
  if (ifMatch !== undefined && ifMatch !== category.version) throw refuseCommon('version_conflict')
  const changed = changeCategory(category, changes, now)
  await saveCategory(tx, changed)
  return changed
}

/** Only an empty category goes. */
export const deleteCategory = async (
  tx: Tx,
  { countProducts }: { countProducts: (tx: Tx, categoryId: string) => Promise<number> },
  id: string,
): Promise<void> => {
  await changeCatalogue(tx)
  const { _id } = await getCategory(tx, id)
  const products = await countProducts(tx, _id)
  if (products > 0) throw refuse('category_in_use', { category: id, products })
  await removeCategory(tx, _id)
}
