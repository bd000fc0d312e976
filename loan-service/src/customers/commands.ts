import type { ServiceClient } from '@countinghouse/shared/http/client'
import { readsOn, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { changeCustomer, createCustomer, isNewlyLinked, type Customer, type CustomerFields } from './domain.js'
import { askWhoIs, type Profile } from './profile.js'
import {
  findCustomer,
  findCustomerByEmail,
  findCustomerOfUser,
  insertCustomer,
  raiseCount,
  removeCustomerWithoutLoans,
  saveCustomer,
} from './store.js'

/** What customers need to know of loans. */
export interface LoansOfCustomers {
  countOpen(reads: Reads, customerId: string): Promise<number>
  /** The customer has a wallet now: what waited for it is asked for. */
  payOutWaiting(tx: Tx, link: { customerId: string; userId: string; by: string }): Promise<void>
}

export type Deps = { db: Connection; now: () => Date; auth: ServiceClient; loans: LoansOfCustomers }
export type EditDeps = Pick<Deps, 'now' | 'loans'>

export const addCustomer = async (tx: Tx, fields: CustomerFields, now: Date): Promise<Customer> => {
  await assertFree(tx, fields)
  const customer = createCustomer(uuidv7(), fields, now)
  await insertCustomer(tx, customer)
  return customer
}

export type CustomerChange = {
  customerId: string
  changes: Partial<CustomerFields>
  by: string
  ifMatch?: number | undefined
}

/** Changes a customer; one who gets a user with it gets what waited for a wallet paid out. */
export const editCustomer = async (tx: Tx, deps: EditDeps, change: CustomerChange): Promise<Customer> => {
  const { customerId, changes, by, ifMatch } = change
  const customer = await getCustomer(tx, customerId)
  if (ifMatch !== undefined && ifMatch !== customer.version) throw refuseCommon('version_conflict')
  await assertFree(tx, changes, customerId)
  const openLoans = await deps.loans.countOpen(tx, customerId)
  const changed = changeCustomer(customer, changes, { openLoans, now: deps.now() })
  await saveCustomer(tx, changed)
  if (isNewlyLinked(customer, changed) && changed.userId !== null)
    await deps.loans.payOutWaiting(tx, { customerId, userId: changed.userId, by })
  return changed
}

export const deleteCustomer = async (tx: Tx, id: string): Promise<void> => {
  const { loanCount } = await getCustomer(tx, id)
  if ((await removeCustomerWithoutLoans(tx, id)) === 0)
    throw refuse('customer_has_loans', { customer_id: id, loans: loanCount })
}

const assertFree = async (tx: Tx, { email, userId }: Partial<CustomerFields>, exceptId?: string): Promise<void> => {
  const namesake = email === undefined ? undefined : await findCustomerByEmail(tx, email)
  if (namesake && namesake._id !== exceptId) throw refuse('customer_exists', { email })
  const owner = userId === undefined || userId === null ? undefined : await findCustomerOfUser(tx, userId)
  if (owner && owner._id !== exceptId) throw refuse('user_has_customer', { user_id: userId })
}

export const getCustomer = async (reads: Reads, id: string): Promise<Customer> => {
  const customer = await findCustomer(reads, id)
  if (!customer) throw refuse('customer_not_found', { customer_id: id })
  return customer
}

/** Marks that a customer gets a loan: of two transactions that do so at once, MongoDB makes one wait for the other. */
export const countLoan = async (tx: Tx, id: string): Promise<void> => {
  if (!(await raiseCount(tx, id, 'loanCount'))) throw refuse('customer_not_found', { customer_id: id })
}

/** The customer of a loan that is being decided; who links a user at the same moment waits, or is waited for. */
export const getForDecision = async (tx: Tx, id: string): Promise<Customer> => {
  await raiseCount(tx, id, 'decisionCount')
  return getCustomer(tx, id)
}

export type Applicant = { userId: string; authorization: string | undefined }

/** Learns who a user is while no transaction is open; what it answers finds or makes the customer record within one. */
export const introduce = async (deps: Deps, { userId, authorization }: Applicant) => {
  const isKnown = (await findCustomerOfUser(readsOn(deps.db), userId)) !== undefined
  const profile = isKnown ? undefined : await askWhoIs(deps.auth, authorization)
  return async (tx: Tx): Promise<Customer> =>
    (await findCustomerOfUser(tx, userId)) ?? becomeCustomer(tx, deps, userId, profile)
}

const becomeCustomer = async (tx: Tx, deps: Deps, userId: string, profile: Profile | undefined): Promise<Customer> => {
  if (!profile) throw refuse('customer_not_found', { customer_id: userId })
  const { email, phone, first_name: firstName, last_name: lastName } = profile
  const namesake = await findCustomerByEmail(tx, email)
  if (namesake?.userId !== null) return addCustomer(tx, { firstName, lastName, email, phone, userId }, deps.now())
  // Whoever registers with another's address must not get at that person's loans.
  if (!profile.email_verified) throw refuse('customer_link_required')
  return editCustomer(tx, deps, { customerId: namesake._id, changes: { userId }, by: `user:${userId}` })
}
