import { dryRunQuery, rehearsed } from '@countinghouse/shared/http/dryRun'
import { actorOf } from '@countinghouse/shared/http/caller'
import { endpoint, type Settled } from '@countinghouse/shared/http/endpoint'
import { Id, pageQuery, positiveAmountIn, text } from '@countinghouse/shared/http/fields'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { fold } from '../engine/fold.js'
import { getVisibleLoan } from '../loans/access.js'
import type { Loan } from '../loans/domain/loan.js'
import { toTerms } from '../loans/domain/terms.js'
import { findEvents } from '../loans/store/events.js'
import { beginOnce } from '../movements/commands/begin.js'
import { carryOut } from '../movements/commands/carryOut.js'
import { findUndoing, getMovement, listRepayments } from '../movements/store.js'
import {
  beginRepayment,
  beginReversal,
  previewRepayment,
  previewReversal,
  type AskedRepayment,
  type AskedReversal,
  type Deps,
} from './commands.js'
import { repaymentExample, reversedExample } from './examples.js'
import { RepaymentView, toAllocation, toPreview, toRepayment, toReversalPreview } from './views.js'

const params = z.object({ id: Id })
const tag = 'Repayments'
const ofTheWallet = ['wallet_not_found', 'wallet_frozen', 'wallet_closed']

const RepaymentBody = (currency: string) =>
  z.strictObject({
    amount: positiveAmountIn(currency),
    excess: z
      .enum(['next_instalment', 'reduce_term', 'reduce_instalment'])
      .default('next_instalment')
      .meta({ description: 'What becomes of money above what is due' }),
  })

export const repaymentEndpoints = (deps: Deps) => [repay(deps), list(deps), reverse(deps)]

const repay = (deps: Deps) =>
  endpoint({
    method: 'post',
    path: '/loans/:id/repayments',
    summary: 'Repay from the wallet; what pays the loan off closes it',
    tag,
    access: ['customer', 'vendor', 'service:wallet-service'],
    status: 201,
    isOpen: ({ status }) => status === 'PENDING',
    idempotent: true,
    params,
    query: z.object(dryRunQuery),
    body: RepaymentBody(deps.rules.currency),
    view: RepaymentView,
    refusals: [
      ...['loan_not_found', 'illegal_transition', 'loan_changed', 'repayment_above_outstanding', 'customer_not_linked'],
      ...['insufficient_funds', ...ofTheWallet],
    ],
    example: { body: { amount: 830.36, excess: 'next_instalment' }, view: repaymentExample },
    handle: async ({ params: { id }, query, body: { amount: amountMinor, excess }, caller, claim, answering }) => {
      const userId = caller.kind === 'user' ? caller.userId : undefined
      const asked = { loanId: id, userId, by: actorOf(caller), amountMinor, excess, claim }
      if (query.dry_run) return rehearse(deps, asked)
      return answering(async (answerWrites) => {
        const movement = await beginOnce(deps, claim, (tx) => beginRepayment(tx, deps, asked))
        return toRepayment(await carryOut(deps, movement, (done) => answerWrites(toRepayment(done))))
      })
    },
  })

const rehearse = async (deps: Deps, asked: AskedRepayment): Promise<Settled> => {
  const { loan, plan } = await inTransaction(deps.db, (tx) => previewRepayment(tx, deps, asked))
  return rehearsed(RepaymentView, toPreview(loan, plan, { ...asked, at: deps.now() }))
}

const list = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/loans/:id/repayments',
    reads: { data: 'financial', of: 'loan' },
    summary: 'List the repayments of a loan, newest first, as they count today',
    tag,
    access: ['customer', 'vendor', 'viewer', 'staff', 'admin'],
    params,
    query: z.object(pageQuery),
    view: RepaymentView,
    list: true,
    refusals: ['loan_not_found'],
    example: { view: [repaymentExample] },
    handle: async ({ params: { id }, query, user }) => {
      const reads = readsOn(deps.db)
      const loan = await getVisibleLoan(reads, deps, id, user)
      const page = await listRepayments(reads, id, query)
      const ids = page.items.map(({ _id }) => _id)
      const undoing = new Map((await findUndoing(reads, id, ids)).map((undo) => [undo.subjectId, undo]))
      const allocations = await allocationsOf(deps, loan)
      return page.map((movement) => {
        const view = toRepayment(movement, undoing.get(movement._id))
        const today = allocations?.get(movement.result.eventId ?? '')
        return today ? { ...view, allocation: toAllocation(today, loan.currency) } : view
      })
    },
  })

// A fact that came later with an earlier value date may have changed how money was used.
const allocationsOf = async ({ db, rules, now }: Deps, loan: Loan) =>
  loan.eventCount === 0
    ? undefined
    : fold(toTerms(loan), await findEvents(readsOn(db), loan._id), rules.dayOf(now())).allocations

const reverse = (deps: Deps) =>
  endpoint({
    method: 'post',
    path: '/loans/:id/repayments/:repaymentId/reverse',
    summary: 'Take a repayment back: the money returns to the wallet, and the loan is as if it had never been paid',
    tag,
    access: ['admin'],
    isOpen: ({ reversal }) => reversal?.status === 'PENDING',
    idempotent: true,
    params: z.object({ id: Id, repaymentId: Id }),
    query: z.object(dryRunQuery),
    body: z.strictObject({ reason: text(1000).nullable().default(null) }),
    view: RepaymentView,
    refusals: [
      ...['loan_not_found', 'repayment_not_found', 'repayment_not_completed', 'already_reversed'],
      ...['illegal_transition', 'loan_changed', 'balance_limit', ...ofTheWallet],
    ],
    example: { body: { reason: 'Paid for another loan' }, view: reversedExample },
    handle: async ({ params: { id, repaymentId }, query, body: { reason }, caller, claim, answering }) => {
      const asked = { loanId: id, repaymentId, by: actorOf(caller), reason, claim }
      if (query.dry_run) return rehearseReversal(deps, asked)
      return answering(async (answerWrites) => {
        const movement = await beginOnce(deps, claim, (tx) => beginReversal(tx, deps, asked))
        const repayment = await getMovement(readsOn(deps.db), repaymentId)
        const done = await carryOut(deps, movement, (undo) => answerWrites(toRepayment(repayment, undo)))
        return toRepayment(repayment, done)
      })
    },
  })

const rehearseReversal = async (deps: Deps, asked: AskedReversal): Promise<Settled> => {
  const { repayment, plan } = await inTransaction(deps.db, (tx) => previewReversal(tx, deps, asked))
  return rehearsed(RepaymentView, toReversalPreview(repayment, plan))
}
