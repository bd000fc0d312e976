import { actorOf } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, pageQuery, text, Timestamp } from '@countinghouse/shared/http/fields'
import { fromWire, toWire } from '@countinghouse/shared/http/wire'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { addCustomer, deleteCustomer, editCustomer, getCustomer, type Deps } from './commands.js'
import type { Customer } from './domain.js'
import { listCustomers } from './store.js'

const fields = {
  first_name: text(100),
  last_name: text(100),
  email: z.email().max(254),
  phone: text(40).nullable(),
  user_id: Id.nullable(),
}

const CustomerBody = z.strictObject({
  ...fields,
  phone: fields.phone.default(null),
  user_id: fields.user_id.default(null),
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
const writer = ['staff', 'admin'] as const
const params = z.object({ id: Id })

export const customerEndpoints = (deps: Pick<Deps, 'db' | 'now' | 'loans'>) => [
  endpoint({
    method: 'get',
    path: '/customers',
    reads: { data: 'personal', of: 'customer' },
    summary: 'List loan customers by name',
    tag: 'Loan customers',
    access: reader,
    query: z.object({ ...pageQuery, email: z.string().optional(), user_id: Id.optional() }),
    view: CustomerView,
    list: true,
    example: { view: [exampleView] },
    handle: async ({ query: { email, user_id: userId, ...at } }) =>
      (await listCustomers(readsOn(deps.db), { email, userId }, at)).map(toView),
  }),
  endpoint({
    method: 'post',
    path: '/customers',
    summary: 'Add a loan customer',
    tag: 'Loan customers',
    access: writer,
    status: 201,
    idempotent: true,
    body: CustomerBody,
    view: CustomerView,
    refusals: ['customer_exists', 'user_has_customer'],
    example: { body: exampleBody, view: exampleView },
    handle: ({ body, once }) => once(async (tx) => toView(await addCustomer(tx, fromWire(body), deps.now()))),
  }),
  endpoint({
    method: 'get',
    path: '/customers/:id',
    reads: { data: 'personal', of: 'customer' },
    summary: 'Read a loan customer',
    tag: 'Loan customers',
    access: reader,
    params,
    view: CustomerView,
    refusals: ['customer_not_found'],
    example: { view: exampleView },
    handle: async ({ params: { id } }) => toView(await getCustomer(readsOn(deps.db), id)),
  }),
  endpoint({
    method: 'patch',
    path: '/customers/:id',
    summary: 'Change a loan customer; a user linked to it gets the payments that waited',
    tag: 'Loan customers',
    access: writer,
    params,
    body: z.strictObject(fields).partial(),
    view: CustomerView,
    refusals: [
      ...['customer_not_found', 'customer_exists', 'user_has_customer', 'customer_has_open_loans'],
      ...['own_loan', 'version_conflict'],
    ],
    example: { body: { phone: '555-5678' }, view: { ...exampleView, phone: '555-5678', version: 2 } },
    handle: ({ params: { id: customerId }, body, caller, ifMatch, once }) =>
      once(async (tx) => {
        const change = { customerId, changes: fromWire(body), by: actorOf(caller), ifMatch }
        return toView(await editCustomer(tx, deps, change))
      }),
  }),
  endpoint({
    method: 'delete',
    path: '/customers/:id',
    summary: 'Delete a loan customer who has no loans',
    tag: 'Loan customers',
    access: writer,
    status: 204,
    params,
    view: z.void(),
    refusals: ['customer_not_found', 'customer_has_loans'],
    handle: ({ params: { id }, once }) => once((tx) => deleteCustomer(tx, id)),
  }),
]

const toView = ({ _id, loanCount: _loans, decisionCount: _decisions, ...customer }: Customer) => ({
  id: _id,
  ...toWire(customer),
})
