import type { Role } from '@countinghouse/shared/contracts/auth'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import request from 'supertest'
import { loanService } from '../app.js'

/** An income and a loan that score 0.2875, and a loan that nobody may approve. */
export const modest = { amount: 25000, term_months: 36, purpose: 'Van', income: 60000, expenses: 20000 }
export const reckless = { ...modest, amount: 60000, term_months: 12, expenses: 6000 }

type Call = { role: Role; userId?: string; key?: string; ifMatch?: number; query?: object; body?: object }

export type LoanHouse = TestService & {
  call(method: 'get' | 'post' | 'patch', path: string, call: Call): request.Test
  /** A user applies; they are a customer of their own name. */
  apply(userId: string, body?: object, key?: string): request.Test
  /** Staff enter a loan for a customer. */
  enter(customerId: string, body?: object): request.Test
  addCustomer(body: { email: string; user_id?: string }): request.Test
  approve(loanId: string, adminId?: string): request.Test
}

/** loan-service on the real servers, with what tests ask of it most. */
export const openLoanHouse = async (): Promise<LoanHouse> => {
  const service = await startTestService(loanService, {
    LOAN_MAX_AMOUNT: 1_000_000n,
    LOAN_MAX_TERM_MONTHS: 360,
    LOAN_MAX_OPEN: 3,
    LOAN_UNASSESSED_MAX: 5_000n,
    RISK_REJECT_THRESHOLD: 0.75,
  })
  const call: LoanHouse['call'] = (method, path, { role, userId, key, ifMatch, query = {}, body }) =>
    request(service.url)
      [method](path)
      .set('authorization', `Bearer ${service.tokens.userToken(role, userId)}`)
      .set(key === undefined ? {} : { 'idempotency-key': key })
      .set(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch.toString()}"` })
      .query(query)
      .send(body)
  return {
    ...service,
    call,
    apply: (userId, body = modest, key) =>
      call('post', '/loans/apply', { role: 'customer', userId, body, ...(key !== undefined && { key }) }),
    enter: (customerId, body = modest) =>
      call('post', '/loans', { role: 'staff', body: { customer_id: customerId, ...body } }),
    addCustomer: (body) =>
      call('post', '/customers', { role: 'staff', body: { first_name: 'A', last_name: 'B', ...body } }),
    approve: (loanId, adminId = 'admin') =>
      call('patch', `/loans/${loanId}`, { role: 'admin', userId: adminId, body: { status: 'APPROVED' } }),
  }
}

/** As many calls as asked for, all under way at once. */
export const atOnce = <Result>(times: number, call: (index: number) => PromiseLike<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: times }, (_, index) => call(index)))

/** How often each status was answered: `{ 201: 3, 409: 17 }`. */
export const tally = (answers: readonly { status: number }[]): Record<number, number> => {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
