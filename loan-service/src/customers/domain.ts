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
  version: 1,
  createdAt: now,
  updatedAt: now,
})
