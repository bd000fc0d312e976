/** A shelf of the shop. Its number and its slug are given once and stay. */
export type Category = {
  /** The number, as text. */
  _id: string
  number: number
  slug: string
  name: string
  description: string | null
  version: number
  createdAt: Date
  updatedAt: Date
}

export type CategoryFields = Pick<Category, 'name' | 'description'>

const SLUG_MAX = 80

/** Letters without their marks, in lower case: how words are compared and made part of an address. */
export const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđþ]/g, (letter) => PLAIN[letter] ?? letter)

const PLAIN: Record<string, string> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', þ: 'th' }

/** `Crème brûlée, 500 ml` is `creme-brulee-500-ml`; undefined where nothing of a name can stand in an address. */
export const slugOf = (name: string): string | undefined =>
  fold(name)
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_MAX)
    .replace(/^-+|-+$/g, '') || undefined

/** The slug, or the first with a number behind it that is free: `cup`, `cup-2`, `cup-3`. */
export const freeSlug = (wanted: string, taken: ReadonlySet<string>): string => {
  let slug = wanted
  for (let count = 2; taken.has(slug); count += 1) slug = `${wanted}-${count.toString()}`
  return slug
}

export const createCategory = (number: number, slug: string, fields: CategoryFields, now: Date): Category => ({
  ...{ _id: number.toString(), number, slug, ...fields },
  ...{ version: 1, createdAt: now, updatedAt: now },
})

export const changeCategory = (category: Category, changes: Partial<CategoryFields>, now: Date): Category => ({
  ...category,
  ...changes,
  version: category.version + 1,
  updatedAt: now,
})
