import { LOAN_DECISIONS, LOAN_STATUSES } from '@countinghouse/shared/contracts/loan'
import { instantsOf } from '@countinghouse/shared/days'
import type { UserCaller } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Day, Id, nonNegativeAmountIn, pageQuery } from '@countinghouse/shared/http/fields'
import { Page } from '@countinghouse/shared/http/page'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { getLoan, getOwnLoan } from '../commands.js'
import type { Deps } from '../deps.js'
import type { Loan } from '../domain/loan.js'
import { loanExample, trackingExample } from '../examples.js'
import { listLoans, type LoanFilter } from '../store/list.js'
import { LoanView, toTracking, toView, TrackingView } from '../view.js'

const reader = ['staff', 'admin', 'viewer', 'customer', 'vendor'] as const
const params = z.object({ id: Id })

const Status = z
  .enum([...LOAN_STATUSES, 'PENDING'])
  .transform((status) => (status === 'PENDING' ? 'APPLIED' : status))
  .meta({ description: 'The life cycle; PENDING is another word for APPLIED' })

const loanQuery = (currency: string) =>
  z.object({
    ...pageQuery,
    status: Status.optional(),
    decision: z.enum(LOAN_DECISIONS).optional(),
    min_amount: nonNegativeAmountIn(currency).optional(),
    max_amount: nonNegativeAmountIn(currency).optional(),
    from: Day.optional(),
    to: Day.optional(),
    customer_id: Id.optional(),
  })

type LoanQuery = z.output<ReturnType<typeof loanQuery>>

export const readingEndpoints = (deps: Deps) => {
  const { db, rules } = deps
  const view = (loan: Loan) => toView(loan, rules.riskLimit)
  return [
    endpoint({
      method: 'get',
      path: '/loans',
      summary: 'List loans, newest first; borrowers see their own',
      tag: 'Loans',
      access: reader,
      query: loanQuery(rules.currency),
      view: LoanView,
      list: true,
      example: { view: [loanExample] },
      handle: async ({ query, user }) => (await listFor(deps, user, query)).map(view),
    }),
    // Before `/loans/:id`, which would take `admin` for an id.
    endpoint({
      method: 'get',
      path: '/loans/admin/pending',
      summary: 'List the applications that wait for a decision',
      tag: 'Loans',
      access: ['admin'],
      query: z.object(pageQuery),
      view: LoanView,
      list: true,
      example: { view: [loanExample] },
      handle: async ({ query }) => (await listLoans(readsOn(db), { status: 'APPLIED' }, query)).map(view),
    }),
    endpoint({
      method: 'get',
      path: '/loans/:id',
      summary: 'Read a loan',
      tag: 'Loans',
      access: reader,
      params,
      view: LoanView,
      refusals: ['loan_not_found'],
      example: { view: loanExample },
      handle: async ({ params: { id }, user }) =>
        view(await (isBorrower(user) ? getOwnLoan(readsOn(db), deps, id, user.userId) : getLoan(readsOn(db), id))),
    }),
    endpoint({
      method: 'get',
      path: '/loans/:id/tracking',
      summary: 'Read the steps that a loan has taken',
      tag: 'Loans',
      access: ['admin', 'service'],
      params,
      view: TrackingView,
      refusals: ['loan_not_found'],
      example: { view: trackingExample },
      handle: async ({ params: { id } }) => toTracking(await getLoan(readsOn(db), id)),
    }),
  ]
}

const isBorrower = ({ role }: UserCaller): boolean => role === 'customer' || role === 'vendor'

const listFor = async ({ db, borrowers, rules }: Deps, user: UserCaller, query: LoanQuery): Promise<Page<Loan>> => {
  const filter = toFilter(query, rules.timeZone)
  if (!isBorrower(user)) return listLoans(readsOn(db), filter, query)
  const own = await borrowers.findOfUser(readsOn(db), user.userId)
  const isOthers = query.customer_id !== undefined && query.customer_id !== own?.customerId
  if (!own || isOthers) return new Page<Loan>([], 0, query)
  return listLoans(readsOn(db), { ...filter, customerId: own.customerId }, query)
}

const toFilter = ({ status, decision, from, to, ...query }: LoanQuery, timeZone: string): LoanFilter => ({
  status,
  decision,
  customerId: query.customer_id,
  minAmountMinor: query.min_amount,
  maxAmountMinor: query.max_amount,
  created: instantsOf({ from, to }, timeZone),
})
