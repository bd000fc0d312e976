import { Day } from '@countinghouse/shared/http/fields'
import { createServiceClient } from '@countinghouse/shared/http/client'
import { parseAmount } from '@countinghouse/shared/money'
import { Refusal } from '@countinghouse/shared/refusal'
import { z } from 'zod'
import { refuse } from '../errors.js'
import type { ReportedAccount } from './domain/account.js'
import { findKind, type AccountKind } from './domain/kinds.js'
import type { MovementPage } from './domain/movements.js'

export type Credentials = { username: string; password: string }

/**
 * Where users have accounts. Refuses as `credentials_rejected` and `login_required` when its user must act, as
 * `institution_limited` when it is asked too often, as `dependency_unavailable` when it does not answer.
 */
export interface Institution {
  /** Answers the token that opens its doors from now on. */
  login(credentials: Credentials): Promise<string>
  accounts(token: string): Promise<ReportedAccount[]>
  /** What changed since a cursor, or everything. */
  movements(token: string, cursor: string | null): Promise<MovementPage>
}

/** The institutions by the names under which users know them. */
export type Institutions = Readonly<Record<string, Institution>>

const PAGE_SIZE = 100

const Decimal = z.object({ amount: z.string(), currency: z.string().length(3) })
const Token = z.object({ access_token: z.string().min(1) })
const Account = z.object({
  account_id: z.string(),
  type: z.string(),
  name: z.string(),
  balance: Decimal,
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})
const Movement = z.object({
  transaction_id: z.string(),
  account_id: z.string(),
  amount: Decimal,
  description: z.string(),
  date: Day,
  pending: z.boolean(),
  pending_transaction_id: z.string().nullable(),
  category: z.string(),
})
const Changes = z.object({
  added: z.array(Movement),
  modified: z.array(Movement),
  removed: z.array(z.object({ transaction_id: z.string() })),
  next_cursor: z.string(),
  has_more: z.boolean(),
})

/** An institution that is asked over HTTP, as the sandbox is. */
export const createHttpInstitution = (name: string, url: string): Institution => {
  const client = createServiceClient(name, url)
  const call = <Schema extends z.ZodType>(path: string, token: string | undefined, body: object, answer: Schema) =>
    client
      .call({ method: 'POST', path, body, ...(token !== undefined && { authorization: `Bearer ${token}` }) }, answer)
      .catch((error: unknown) => {
        throw toOurRefusal(error)
      })
  return {
    login: async (credentials) => (await call('/login', undefined, credentials, Token)).access_token,
    accounts: async (token) => (await call('/accounts', token, {}, z.array(Account))).map(toReportedAccount),
    movements: async (token, cursor) =>
      toPage(await call('/transactions/sync', token, { cursor, count: PAGE_SIZE }, Changes)),
  }
}

const toOurRefusal = (error: unknown): unknown => {
  if (!(error instanceof Refusal) || error.status >= 500) return error
  switch (error.code) {
    case 'credentials_rejected':
      return refuse('credentials_rejected')
    case 'login_required':
      return refuse('login_required')
    case 'rate_limited':
      return refuse('institution_limited', error.context)
    default:
      return new Error(`The institution says ${error.code}`)
  }
}

const minorOf = ({ amount, currency }: z.output<typeof Decimal>): bigint => {
  const minor = parseAmount(amount, currency)
  if (typeof minor === 'bigint') return minor
  throw new Error(`The institution tells ${amount} ${currency}: ${minor}`)
}

const toReportedAccount = ({
  account_id,
  type,
  name,
  balance,
  details,
}: z.output<typeof Account>): ReportedAccount => ({
  externalId: account_id,
  type,
  accountName: name,
  currency: balance.currency,
  balanceMinor: minorOf(balance),
  details: toDetails(details, findKind(type), balance.currency),
})

const toDetails = (told: z.output<typeof Account>['details'], kind: AccountKind | undefined, currency: string) =>
  Object.fromEntries(
    Object.entries(kind?.details ?? {}).flatMap(([name, type]) => {
      const value = told[name]
      if (value === undefined) return []
      return [[name, type === 'amount' ? minorOf({ amount: String(value), currency }) : value]]
    }),
  )

const toPage = ({ added, modified, removed, next_cursor, has_more }: z.output<typeof Changes>): MovementPage => ({
  added: added.map(toReportedMovement),
  modified: modified.map(toReportedMovement),
  removed: removed.map(({ transaction_id }) => transaction_id),
  nextCursor: next_cursor,
  hasMore: has_more,
})

const toReportedMovement = (told: z.output<typeof Movement>) => ({
  externalId: told.transaction_id,
  accountExternalId: told.account_id,
  amountMinor: minorOf(told.amount),
  currency: told.amount.currency,
  description: told.description,
  day: told.date,
  isPending: told.pending,
  pendingId: told.pending_transaction_id,
  category: told.category,
})
