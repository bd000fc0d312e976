import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, pageQuery, text, Timestamp } from '@countinghouse/shared/http/fields'
import { fromWire, toWire } from '@countinghouse/shared/http/wire'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { addCustomer, getCustomer, type Deps } from './commands.js'
import type { Customer } from './domain.js'
import { listCustomers } from './store.js'

const CustomerBody = z.strictObject({
  first_name: text(100),
  last_name: text(100),
  email: z.email().max(254),
  phone: text(40).nullable().default(null),
  user_id: Id.nullable().default(null),
})

const CustomerView = z.object({
  id: Id,
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  email: z.string(),
  phone: z.string().nullable(),
  user_id: Id.nullable(),
  version: z.number(),
  created_at: Timestamp,
  updated_at: Timestamp,
})

const exampleBody = { first_name: 'Asha', last_name: 'Rao', email: 'asha.rao@example.com', phone: '+91 98450 12345' }
const exampleView = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11',
  ...exampleBody,
  user_id: null,
  version: 1,
  created_at: '2026-11-21T09:30:00.000Z',
  updated_at: '2026-11-21T09:30:00.000Z',
}

const reader = ['staff', 'admin', 'viewer'] as const

export const customerEndpoints = ({ db, now }: Pick<Deps, 'db' | 'now'>) => [
  endpoint({
    method: 'get',
    path: '/customers',
    summary: 'List loan customers by name',
    tag: 'Loan customers',
    access: reader,
    query: z.object(pageQuery),
    view: CustomerView,
    list: true,
    example: { view: [exampleView] },
    handle: async ({ query }) => (await listCustomers(readsOn(db), query)).map(toView),
  }),
  endpoint({
    method: 'post',
    path: '/customers',
    summary: 'Add a loan customer',
    tag: 'Loan customers',
    access: ['staff', 'admin'],
    status: 201,
    idempotent: true,
    body: CustomerBody,
    view: CustomerView,
    refusals: ['customer_exists', 'user_has_customer'],
    example: { body: exampleBody, view: exampleView },
    handle: ({ body, once }) => once(async (tx) => toView(await addCustomer(tx, fromWire(body), now()))),
  }),
  endpoint({
    method: 'get',
    path: '/customers/:id',
    summary: 'Read a loan customer',
    tag: 'Loan customers',
    access: reader,
    params: z.object({ id: Id }),
    view: CustomerView,
    refusals: ['customer_not_found'],
    example: { view: exampleView },
    handle: async ({ params: { id } }) => toView(await getCustomer(readsOn(db), id)),
  }),
]

const toView = ({ _id, ...customer }: Customer) => ({ id: _id, ...toWire(customer) })
