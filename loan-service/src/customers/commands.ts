import type { ServiceClient } from '@countinghouse/shared/http/client'
import { readsOn, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { createCustomer, type Customer, type CustomerFields } from './domain.js'
import { askWhoIs, type Profile } from './profile.js'
import { findCustomer, findCustomerByEmail, findCustomerOfUser, insertCustomer, raiseLoanCount } from './store.js'

export type Deps = { db: Connection; now: () => Date; auth: ServiceClient }

export const addCustomer = async (tx: Tx, fields: CustomerFields, now: Date): Promise<Customer> => {
  const { email, userId } = fields
  if (await findCustomerByEmail(tx, email)) throw refuse('customer_exists', { email })
  if (userId !== null && (await findCustomerOfUser(tx, userId))) throw refuse('user_has_customer', { user_id: userId })
  const customer = createCustomer(uuidv7(), fields, now)
  await insertCustomer(tx, customer)
  return customer
}

export const getCustomer = async (reads: Reads, id: string): Promise<Customer> => {
  const customer = await findCustomer(reads, id)
  if (!customer) throw refuse('customer_not_found', { customer_id: id })
  return customer
}

/** Marks that a customer gets a loan: of two transactions that do so at once, MongoDB makes one wait for the other. */
export const countLoan = async (tx: Tx, id: string): Promise<void> => {
  if (!(await raiseLoanCount(tx, id))) throw refuse('customer_not_found', { customer_id: id })
}

export type Applicant = { userId: string; authorization: string | undefined }

/** Learns who a user is while no transaction is open; what it answers finds or makes the customer record within one. */
export const introduce = async ({ db, now, auth }: Deps, { userId, authorization }: Applicant) => {
  const isKnown = (await findCustomerOfUser(readsOn(db), userId)) !== undefined
  const profile = isKnown ? undefined : await askWhoIs(auth, authorization)
  return async (tx: Tx): Promise<Customer> => {
    const customer = await findCustomerOfUser(tx, userId)
    return customer ?? addOwnCustomer(tx, userId, profile, now())
  }
}

const addOwnCustomer = async (tx: Tx, userId: string, profile: Profile | undefined, now: Date): Promise<Customer> => {
  if (!profile) throw refuse('customer_not_found', { customer_id: userId })
  const { email, phone, first_name: firstName, last_name: lastName } = profile
  const namesake = await findCustomerByEmail(tx, email)
  // Whoever registers with another's address must not get at that person's loans.
  if (namesake?.userId === null) throw refuse('customer_link_required')
  return addCustomer(tx, { firstName, lastName, email, phone, userId }, now)
}
