import { refuse } from '../errors.js'

/** Someone who borrows or may borrow; with a user, the one whose wallet the loans are paid into. */
export type Customer = {
  _id: string
  firstName: string | null
  lastName: string | null
  /** In lower case: one address, one customer. */
  email: string
  phone: string | null
  userId: string | null
  /** Each new loan raises it, so that loans entered at the same moment are decided one after another. */
  loanCount: number
  /** Each decision raises it, so that a user linked at the same moment is seen, or sees the loan approved. */
  decisionCount?: number
  version: number
  createdAt: Date
  updatedAt: Date
}

export type CustomerFields = Pick<Customer, 'firstName' | 'lastName' | 'email' | 'phone' | 'userId'>

export const createCustomer = (id: string, fields: CustomerFields, now: Date): Customer => ({
  _id: id,
  ...fields,
  email: fields.email.toLowerCase(),
  loanCount: 0,
  decisionCount: 0,
  version: 1,
  createdAt: now,
  updatedAt: now,
})

/** The customer with other data. A user who answers for open loans is neither removed nor exchanged for another. */
export const changeCustomer = (
  customer: Customer,
  changes: Partial<CustomerFields>,
  { openLoans, now }: { openLoans: number; now: Date },
): Customer => {
  const { userId = customer.userId, email = customer.email } = changes
  if (customer.userId !== null && userId !== customer.userId && openLoans > 0) {
    throw refuse('customer_has_open_loans', { customer_id: customer._id, open: openLoans })
  }
  return {
    ...customer,
    ...changes,
    userId,
    email: email.toLowerCase(),
    version: customer.version + 1,
    updatedAt: now,
  }
}

export const isNewlyLinked = (before: Customer, after: Customer): boolean =>
  after.userId !== null && after.userId !== before.userId
