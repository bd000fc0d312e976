import { endpoint } from '@countinghouse/shared/http/endpoint'
import { pageQuery } from '@countinghouse/shared/http/fields'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { addProduct, changeProduct, getCurrent, getVersion, getVersions, withdrawProduct } from './commands.js'
import { listCurrent } from './store.js'
import { STANDARD } from './standard.js'
import { ProductView, toView } from './view.js'
import { productFieldsIn, toOffering } from './wire.js'

export type Deps = { db: Connection; now: () => Date; currency: string }

const reader = ['customer', 'vendor', 'viewer', 'staff', 'admin'] as const
const ProductId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'use small letters, digits, dots, dashes and underscores')
const params = z.object({ id: ProductId })
const tag = 'Loan products'

const body = { id: 'business-loan', name: 'Business loan', annual_rate: 10.5, min_annual_rate: 8, max_annual_rate: 18 }
const view = {
  ...body,
  ...{ version: 1, description: null, currency: 'USD', min_amount: 0.01, max_amount: null },
  ...{ min_term_months: 1, max_term_months: 1200, method: 'equal_instalment', day_count: 'THIRTY_360' },
  ...{ frequency: 'monthly', grace: { principal_periods: 0, moratorium_periods: 0, moratorium_interest: 'accrue' } },
  ...{ rounding: { smooth: false, multiple_of: 0.01 }, origination_fee: null, late_fee: null, penalty: null },
  allocation: ['penalties', 'fees', 'interest', 'principal'],
  created_by: '019aa3ed-2a3b-7c4d-8e5f-6a7b8c9d0e1f',
  created_at: '2026-11-21T09:30:00.000Z',
  replaced_at: null,
}

export const productEndpoints = (deps: Deps) => [...readingEndpoints(deps), ...changingEndpoints(deps)]

const readingEndpoints = ({ db }: Deps) => [
  endpoint({
    method: 'get',
    path: '/loan-products',
    summary: 'List the loan products on offer by name',
    tag,
    access: reader,
    query: z.object(pageQuery),
    view: ProductView,
    list: true,
    example: { view: [view] },
    handle: async ({ query }) => (await listCurrent(readsOn(db), query)).map(toView),
  }),
  endpoint({
    method: 'get',
    path: '/loan-products/:id',
    summary: 'Read a loan product, as it is offered now or in an earlier version',
    tag,
    access: reader,
    params,
    query: z.object({ version: z.coerce.number().int().min(1).optional() }),
    view: ProductView,
    refusals: ['product_not_found'],
    example: { view },
    handle: async ({ params: { id }, query: { version } }) =>
      toView(await (version === undefined ? getCurrent(readsOn(db), id) : getVersion(readsOn(db), id, version))),
  }),
  endpoint({
    method: 'get',
    path: '/loan-products/:id/versions',
    summary: 'List the versions of a loan product, newest first',
    tag,
    access: reader,
    params,
    query: z.object(pageQuery),
    view: ProductView,
    list: true,
    refusals: ['product_not_found'],
    example: { view: [view] },
    handle: async ({ params: { id }, query }) => (await getVersions(readsOn(db), id, query)).map(toView),
  }),
]

const changingEndpoints = ({ now, currency }: Deps) => {
  const fields = productFieldsIn(currency)
  const { name, ...others } = fields
  return [
    endpoint({
      method: 'post',
      path: '/loan-products',
      summary: 'Offer a loan product; what is left out is as in the standard loan',
      tag,
      access: ['admin'],
      status: 201,
      idempotent: true,
      body: z.strictObject({ id: ProductId.optional(), name, ...z.object(others).partial().shape }),
      view: ProductView,
      refusals: ['product_exists', 'range_reversed', 'rate_outside_product'],
      example: { body, view },
      handle: ({ body: { id = uuidv7(), ...input }, user: { userId }, once }) =>
        once(async (tx) => {
          const making = { productId: id, currency, by: userId, at: now() }
          const base = { ...STANDARD, description: null }
          return toView(await addProduct(tx, toOffering(input, base), making))
        }),
    }),
    endpoint({
      method: 'patch',
      path: '/loan-products/:id',
      summary: 'Change a loan product by its next version; loans keep the one they were made on',
      tag,
      access: ['admin'],
      params,
      body: z.strictObject(fields).partial(),
      view: ProductView,
      refusals: ['product_not_found', 'range_reversed', 'rate_outside_product', 'version_conflict'],
      example: { body: { annual_rate: 11 }, view: { ...view, version: 2, annual_rate: 11 } },
      handle: ({ params: { id }, body: input, user: { userId }, ifMatch, once }) =>
        once(async (tx) => {
          const making = { productId: id, by: userId, at: now(), ifMatch }
          return toView(await changeProduct(tx, { ...making, change: (current) => toOffering(input, current) }))
        }),
    }),
    endpoint({
      method: 'delete',
      path: '/loan-products/:id',
      summary: 'Offer a loan product no more; its loans go on',
      tag,
      access: ['admin'],
      status: 204,
      params,
      view: z.void(),
      refusals: ['product_not_found', 'product_needed', 'version_conflict'],
      handle: ({ params: { id }, ifMatch, once }) =>
        once((tx) => withdrawProduct(tx, { productId: id, at: now(), ifMatch })),
    }),
  ]
}
