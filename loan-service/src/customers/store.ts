import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import type { Customer } from './domain.js'

export const customers = defineCollection<Customer>(
  'customers',
  {
    firstName: String,
    lastName: String,
    email: { type: String, required: true },
    phone: String,
    userId: String,
    loanCount: { type: Number, required: true },
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  {
    indexes: [
      { fields: { email: 1 }, options: { unique: true } },
      // Above the empty string is every id and no null, in a form that the planner sees is met by a search for one id.
      { fields: { userId: 1 }, options: { unique: true, partialFilterExpression: { userId: { $gt: '' } } } },
      { fields: { lastName: 1, firstName: 1, _id: 1 } },
    ],
  },
)

export const findCustomer = (reads: Reads, id: string) => reads.findOne(customers, { _id: id })
export const findCustomerOfUser = (reads: Reads, userId: string) => reads.findOne(customers, { userId })
export const findCustomerByEmail = (reads: Reads, email: string) =>
  reads.findOne(customers, { email: email.toLowerCase() })

export const insertCustomer = (tx: Tx, customer: Customer): Promise<void> => tx.insert(customers, customer)

/** False when there is no such customer. */
export const raiseLoanCount = async (tx: Tx, id: string): Promise<boolean> =>
  (await tx.update(customers, { _id: id }, { $inc: { loanCount: 1 } })) === 1

export const listCustomers = async (reads: Reads, at: { page: number; page_size: number }): Promise<Page<Customer>> => {
  const found = await reads.find(customers, {}, { sort: { lastName: 1, firstName: 1, _id: 1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(customers, {}), at)
}
