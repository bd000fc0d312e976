import { LOAN_DECISIONS, LOAN_STATUSES } from '@countinghouse/shared/contracts/loan'
import { instantsOf } from '@countinghouse/shared/days'
import type { UserCaller } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Day, Id, nonNegativeAmountIn, pageQuery } from '@countinghouse/shared/http/fields'
import { Page } from '@countinghouse/shared/http/page'
import { readsTogether } from '@countinghouse/shared/mongo/together'
import { z } from 'zod'
import { getVisibleLoan, isBorrower } from './access.js'
import { getLoan } from './commands.js'
import type { Deps } from './deps.js'
import type { Loan } from './domain/loan.js'
import { loanExample, trackingExample } from './examples.js'
import { createStandings } from './standing.js'
import { listLoans, ORDERINGS, type LoanFilter, type Ordering } from './store/list.js'
import { LoanView, toTracking, TrackingView, viewOf } from './view.js'

const reader = ['staff', 'admin', 'viewer', 'customer', 'vendor'] as const
const params = z.object({ id: Id })

const Status = z
  .enum([...LOAN_STATUSES, 'PENDING'])
  .transform((status) => (status === 'PENDING' ? 'APPLIED' : status))
  .meta({ description: 'The life cycle; PENDING is another word for APPLIED' })

const names = Object.keys(ORDERINGS) as [keyof typeof ORDERINGS]

const OrderingText = z
  .string()
  .regex(new RegExp(`^-?(${names.join('|')})(,-?(${names.join('|')}))*$`), `order by ${names.join(', ')}`)
  .transform((text): Ordering =>
    text.split(',').map((name) => ({
      by: name.replace('-', '') as keyof typeof ORDERINGS,
      direction: name.startsWith('-') ? -1 : 1,
    })),
  )
  .meta({ description: 'Names with commas between, a minus before one that falls', example: '-amount' })

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
    overdue: z.enum(['true', 'false']).optional(),
    ordering: OrderingText.optional(),
  })

type LoanQuery = z.output<ReturnType<typeof loanQuery>>

const reading = { tag: 'Loans', reads: { data: 'financial', of: 'loan' } } as const

export const readingEndpoints = (deps: Deps) => {
  const { db, rules } = deps
  const reads = readsTogether(db)
  const { viewOne, viewPage } = viewer(deps)
  return [
    endpoint({
      method: 'get',
      path: '/loans',
      summary: 'List loans, newest first; borrowers see their own',
      ...reading,
      access: reader,
      query: loanQuery(rules.currency),
      view: LoanView,
      list: true,
      example: { view: [loanExample] },
      handle: async ({ query, user }) => viewPage(await listFor(deps, user, query)),
    }),
    // Before `/loans/:id`, which would take `admin` for an id.
    endpoint({
      method: 'get',
      path: '/loans/admin/pending',
      summary: 'List the applications that wait for a decision',
      ...reading,
      access: ['admin'],
      query: z.object(pageQuery),
      view: LoanView,
      list: true,
      example: { view: [loanExample] },
      handle: async ({ query }) => viewPage(await listLoans(reads, { status: 'APPLIED' }, query)),
    }),
    endpoint({
      method: 'get',
      path: '/loans/:id',
      summary: 'Read a loan',
      ...reading,
      access: reader,
      params,
      view: LoanView,
      refusals: ['loan_not_found'],
      example: { view: loanExample },
      handle: async ({ params: { id }, user }) => viewOne(await getVisibleLoan(reads, deps, id, user)),
    }),
    endpoint({
      method: 'get',
      path: '/loans/:id/tracking',
      summary: 'Read the steps that a loan has taken',
      ...reading,
      access: ['admin', 'service'],
      params,
      view: TrackingView,
      refusals: ['loan_not_found'],
      example: { view: trackingExample },
      handle: async ({ params: { id } }) => toTracking(await getLoan(reads, id)),
    }),
  ]
}

/** How loans look today. */
const viewer = (deps: Deps) => {
  const standingsOf = createStandings()
  const viewsOf = async (loans: readonly Loan[]) => {
    const standings = await standingsOf(readsTogether(deps.db), loans, deps.rules.dayOf(deps.now()))
    return (loan: Loan) => viewOf(deps, loan, standings.get(loan._id))
  }
  return {
    viewOne: async (loan: Loan) => (await viewsOf([loan]))(loan),
    viewPage: async (page: Page<Loan>) => page.map(await viewsOf(page.items)),
  }
}

const listFor = async (deps: Deps, user: UserCaller, query: LoanQuery): Promise<Page<Loan>> => {
  const reads = readsTogether(deps.db)
  const filter = toFilter(query, deps)
  if (!isBorrower(user)) return listLoans(reads, filter, query)
  const own = await deps.borrowers.findOfUser(reads, user.userId)
  const isOthers = query.customer_id !== undefined && query.customer_id !== own?.customerId
  if (!own || isOthers) return new Page<Loan>([], 0, query)
  return listLoans(reads, { ...filter, customerId: own.customerId }, query)
}

const toFilter = ({ status, decision, from, to, overdue, ...query }: LoanQuery, { rules, now }: Deps): LoanFilter => ({
  status,
  decision,
  customerId: query.customer_id,
  minAmountMinor: query.min_amount,
  maxAmountMinor: query.max_amount,
  created: instantsOf({ from, to }, rules.timeZone),
  overdue: overdue && { is: overdue === 'true', today: rules.dayOf(now()) },
})
