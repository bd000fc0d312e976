import { rangeOf, Page } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { native, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Category } from './domain.js'

export const categories = defineCollection<Category>(
  'categories',
  {
    number: { type: Number, required: true },
    slug: { type: String, required: true },
    name: { type: String, required: true },
    description: String,
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { slug: 1 }, options: { unique: true } }, { fields: { name: 1, _id: 1 } }] },
)

type Catalogue = { _id: 'catalogue'; generation: number; lastCategory: number }

export const catalogues = defineCollection<Catalogue>('catalogues', {
  generation: { type: Number, required: true },
  lastCategory: { type: Number, required: true },
})

/**
 * Announces a change of what shoppers see. All changes go over this one row: none is decided over another that it did
 * not see, and what is cached of an older generation is not used again. Answers the number for a new category.
 */
export const changeCatalogue = async (tx: Tx, { newCategory = false } = {}): Promise<number> => {
  const changes = { $inc: { generation: 1, lastCategory: newCategory ? 1 : 0 } }
  const options = { session: tx.session, upsert: true, returnDocument: 'after' } as const
  const changed = await native(tx.db, catalogues).findOneAndUpdate({ _id: 'catalogue' }, changes, options)
  return changed?.lastCategory ?? 0
}

/** Which catalogue is the current one. */
export const generationOf = async (reads: Reads): Promise<number> =>
  (await reads.findOne(catalogues, { _id: 'catalogue' }))?.generation ?? 0

/** By number or by slug. */
export const findCategory = (reads: Reads, idOrSlug: string): Promise<Category | undefined> =>
  reads.findOne(categories, /^\d+$/.test(idOrSlug) ? { _id: idOrSlug } : { slug: idOrSlug })

export const findCategories = (reads: Reads, ids: readonly string[]): Promise<Category[]> =>
  reads.find(categories, { _id: { $in: [...ids] } })

export const insertCategory = (tx: Tx, category: Category): Promise<void> => tx.insert(categories, category)

export const saveCategory = (tx: Tx, category: Category): Promise<void> => tx.replace(categories, category)

export const removeCategory = (tx: Tx, id: string): Promise<number> => tx.remove(categories, { _id: id })

export const listCategories = async (
  reads: Reads,
  at: { page: number; page_size: number },
): Promise<Page<Category>> => {
  const found = await reads.find(categories, {}, { sort: { name: 1, _id: 1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(categories, {}), at)
}
