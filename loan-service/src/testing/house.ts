import type { Role } from '@countinghouse/shared/contracts/auth'
import { walletCredited } from '@countinghouse/shared/contracts/wallet'
import { newEvent } from '@countinghouse/shared/messaging/event'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import request from 'supertest'
import { loanService } from '../app.js'
import type { Settings } from '../config.js'
import { loans } from '../loans/store/collection.js'
import { openWallets, type Wallets } from './wallets.js'

/** An income and a loan that score 0.2875, and a loan that nobody may approve. */
export const modest = { amount: 25000, term_months: 36, purpose: 'Van', income: 60000, expenses: 20000 }
export const reckless = { ...modest, amount: 60000, term_months: 12, expenses: 6000 }

type Call = { role: Role; userId?: string; key?: string; ifMatch?: number; query?: object; body?: object }

export type LoanHouse = TestService & {
  call(method: 'get' | 'post' | 'patch' | 'delete', path: string, call: Call): request.Test
  /** A user applies; they are a customer of their own name. */
  apply(userId: string, body?: object, key?: string): request.Test
  /** Staff enter a loan for a customer. */
  enter(customerId: string, body?: object): request.Test
  addCustomer(body: { email: string; user_id?: string }): request.Test
  approve(loanId: string, adminId?: string): request.Test
  /** What stands for wallet-service. */
  wallets: Wallets
  /** Tells that a loan's money reached the wallet so many days ago. */
  credit(loanId: string, userId: string, daysAgo?: number): Promise<void>
  /** The loan of a user, paid out so many days ago. */
  activeLoan(userId: string, asked?: { daysAgo?: number; body?: object }): Promise<string>
}

const DAY_MS = 24 * 3600 * 1000

const usual = {
  LOAN_MAX_AMOUNT: 1_000_000n,
  LOAN_MAX_TERM_MONTHS: 360,
  LOAN_MAX_OPEN: 3,
  LOAN_UNASSESSED_MAX: 5_000n,
  RISK_REJECT_THRESHOLD: 0.75,
  LOAN_DUAL_CONTROL_ABOVE: 50_000n,
  LOAN_OFFER_DAYS: 30,
  LOAN_ANSWER_WITHIN_SECONDS: 60,
  LOAN_NIGHTLY_AT: '01:00',
  LOAN_REMIND_DAYS_BEFORE: 3,
  LOAN_DOCUMENT_MAX_BYTES: 1_000,
}

/** loan-service on the real servers, with what tests ask of it most. */
export const openLoanHouse = async (settings: Partial<Settings> = {}): Promise<LoanHouse> => {
  const wallets = await openWallets()
  const service = await startTestService(loanService, { WALLET_URL: wallets.url, ...usual, ...settings })
  const call: LoanHouse['call'] = (method, path, { role, userId, key, ifMatch, query = {}, body }) =>
    request(service.url)
      [method](path)
      .set('authorization', `Bearer ${service.tokens.userToken(role, userId)}`)
      .set(key === undefined ? {} : { 'idempotency-key': key })
      .set(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch.toString()}"` })
      .query(query)
      .send(body)
  const apply: LoanHouse['apply'] = (userId, body = modest, key) =>
    call('post', '/loans/apply', { role: 'customer', userId, body, ...(key !== undefined && { key }) })
  const approve: LoanHouse['approve'] = (loanId, adminId = 'admin') =>
    call('patch', `/loans/${loanId}`, { role: 'admin', userId: adminId, body: { status: 'APPROVED' } })
  const credit: LoanHouse['credit'] = async (loanId, userId, daysAgo = 0) => {
    const loan = await readsOn(service.db).findOne(loans, { _id: loanId })
    const amountMinor = loan?.amountMinor ?? 0n
    wallets.balances.set(userId, (wallets.balances.get(userId) ?? 0n) + amountMinor)
    const movement = {
      ...{ wallet_id: `wallet-of-${userId}`, user_id: userId, entry_id: `paid-out-${loanId}` },
      ...{ amount_minor: amountMinor, currency: 'USD', balance_after_minor: amountMinor },
      reference: { kind: 'disbursement', id: loanId },
      moved_at: new Date(Date.now() - daysAgo * DAY_MS).toISOString(),
    }
    await publishEvent(service.rabbitmqUrl, newEvent(walletCredited, movement.wallet_id, movement))
  }
  return {
    ...{ ...service, call, apply, approve, wallets, credit },
    close: async () => {
      await service.close()
      await wallets.close()
    },
    activeLoan: async (userId, { daysAgo = 0, body = modest } = {}) => {
      const { id } = (await apply(userId, body)).body as { id: string }
      for (const admin of ['admin', 'other-admin']) await approve(id, admin)
      await credit(id, userId, daysAgo)
      await eventually(async () => {
        const loan = await readsOn(service.db).findOne(loans, { _id: id })
        if (loan?.status !== 'ACTIVE') throw new Error(`The loan is ${loan?.status ?? 'not there'}`)
      })
      return id
    },
    enter: (customerId, body = modest) =>
      call('post', '/loans', { role: 'staff', body: { customer_id: customerId, ...body } }),
    addCustomer: (body) =>
      call('post', '/customers', { role: 'staff', body: { first_name: 'A', last_name: 'B', ...body } }),
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
