import { endpoint } from '@countinghouse/shared/http/endpoint'
import { pageQuery, text, Timestamp } from '@countinghouse/shared/http/fields'
import { fromWire, toWire } from '@countinghouse/shared/http/wire'
import { readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { addCategory, deleteCategory, editCategory, getCategory } from './commands.js'
import type { Category } from './domain.js'
import { listCategories } from './store.js'

export type Deps = {
  db: Connection
  now: () => Date
  countProducts: (tx: Tx, categoryId: string) => Promise<number>
}

const fields = { name: text(100), description: text(1000).nullable() }
const Slug = z
  .string()
  .regex(/^(?!\d+$)[a-z0-9]+(-[a-z0-9]+)*$/, 'use small letters, digits and dashes')
  .max(80)
const CategoryBody = z.strictObject({ ...fields, slug: Slug.optional(), description: fields.description.default(null) })
const CategoryView = z.object({
  ...{ id: z.number().int(), slug: z.string(), ...fields },
  ...{ version: z.number(), created_at: Timestamp, updated_at: Timestamp },
})

const exampleView = {
  ...{ id: 1, slug: 'kitchen', name: 'Kitchen', description: null, version: 1 },
  ...{ created_at: '2026-11-21T09:30:00.000Z', updated_at: '2026-11-21T09:30:00.000Z' },
}

const params = z.object({ id: z.string().min(1).max(100).meta({ description: 'The number or the slug' }) })
const tag = 'Categories'
const access = ['admin'] as const

export const categoryEndpoints = (deps: Deps) => [...readingEndpoints(deps), ...writingEndpoints(deps)]

const readingEndpoints = ({ db }: Deps) => [
  endpoint({
    method: 'get',
    path: '/categories',
    summary: 'List categories by name',
    tag,
    access: 'public',
    conditional: true,
    query: z.object(pageQuery),
    view: CategoryView,
    list: true,
    example: { view: [exampleView] },
    handle: async ({ query }) => (await listCategories(readsOn(db), query)).map(toView),
  }),
  endpoint({
    method: 'get',
    path: '/categories/:id',
    summary: 'Read a category, by its number or its slug',
    tag,
    access: 'public',
    conditional: true,
    params,
    view: CategoryView,
    refusals: ['category_not_found'],
    example: { view: exampleView },
    handle: async ({ params: { id } }) => toView(await getCategory(readsOn(db), id)),
  }),
]

const writingEndpoints = ({ now, countProducts }: Deps) => [
  endpoint({
    method: 'post',
    path: '/categories',
    summary: 'Add a category',
    tag,
    access,
    status: 201,
    idempotent: true,
    body: CategoryBody,
    view: CategoryView,
    refusals: ['category_exists'],
    example: { body: { name: 'Kitchen' }, view: exampleView },
    handle: ({ body, once }) => once(async (tx) => toView(await addCategory(tx, { ...body, slug: body.slug }, now()))),
  }),
  ...(['put', 'patch'] as const).map((method) =>
    endpoint({
      method,
      path: '/categories/:id',
      summary: method === 'put' ? 'Replace a category' : 'Change a category',
      tag,
      access,
      params,
      body: method === 'put' ? CategoryBody.omit({ slug: true }) : z.strictObject(fields).partial(),
      view: CategoryView,
      refusals: ['category_not_found', 'version_conflict'],
      example: { body: { name: 'Kitchen' }, view: { ...exampleView, version: 2 } },
      handle: ({ params: { id }, body, ifMatch, once }) =>
        once(async (tx) => toView(await editCategory(tx, { id, changes: fromWire(body), ifMatch }, now()))),
    }),
  ),
  endpoint({
    method: 'delete',
    path: '/categories/:id',
    summary: 'Delete a category without products',
    tag,
    access,
    status: 204,
    params,
    view: z.void(),
    refusals: ['category_not_found', 'category_in_use'],
    handle: ({ params: { id }, once }) => once((tx) => deleteCategory(tx, { countProducts }, id)),
  }),
]

const toView = ({ _id, number, ...category }: Category) => ({ id: number, ...toWire(category) })
