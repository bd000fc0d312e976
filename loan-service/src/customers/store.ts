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
    decisionCount: Number,
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

export const hasCustomers = async (reads: Reads): Promise<boolean> => (await reads.findOne(customers, {})) !== undefined

export const findEmails = async (reads: Reads, ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const found = await reads.find(customers, { _id: { $in: [...ids] } })
  return new Map(found.map(({ _id, email }) => [_id, email]))
}

export const insertCustomer = (tx: Tx, customer: Customer): Promise<void> => tx.insert(customers, customer)

/** False when there is no such customer. */
export const raiseCount = async (tx: Tx, id: string, count: 'loanCount' | 'decisionCount'): Promise<boolean> =>
  (await tx.update(customers, { _id: id }, { $inc: { [count]: 1 } })) === 1

/** Leaves the counts alone, which others raise. */
export const saveCustomer = async (tx: Tx, customer: Customer): Promise<void> => {
  const { _id, loanCount: _loans, decisionCount: _decisions, ...fields } = customer
  await tx.update(customers, { _id }, { $set: fields })
}

/** Answers 0 when the customer has ever had a loan. */
export const removeCustomerWithoutLoans = (tx: Tx, id: string): Promise<number> =>
  tx.remove(customers, { _id: id, loanCount: 0 })

export type CustomerFilter = { email?: string | undefined; userId?: string | undefined }

export const listCustomers = async (
  reads: Reads,
  { email, userId }: CustomerFilter,
  at: { page: number; page_size: number },
): Promise<Page<Customer>> => {
  const filter = {
    ...(email !== undefined && { email: email.toLowerCase() }),
    ...(userId !== undefined && { userId }),
  }
  const found = await reads.find(customers, filter, { sort: { lastName: 1, firstName: 1, _id: 1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(customers, filter), at)
}
