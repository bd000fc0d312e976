import { dryRunQuery } from '@countinghouse/shared/http/dryRun'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, positiveAmountIn, text, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { onceOrDry } from '../dryRun.js'
import { sumOf } from '../engine/running.js'
import { activeExample } from '../loans/examples.js'
import { LoanView, viewOf } from '../loans/view.js'
import { beginOnce } from '../movements/commands/begin.js'
import { carryOut } from '../movements/commands/carryOut.js'
import { movementExample, MovementView, toMovementView } from '../movements/views.js'
import { beginRecovery, undoWriteOff, writeOff, type Deps, type WrittenOff } from './commands.js'

const act = {
  method: 'post',
  tag: 'Write-offs',
  access: ['admin'],
  idempotent: true,
  params: z.object({ id: Id }),
} as const
const query = z.object(dryRunQuery)
const Reason = text(1000)
const refusals = ['loan_not_found', 'own_loan', 'illegal_transition', 'loan_changed', 'money_under_way']

const WriteOffView = LoanView.extend({
  write_off: z.object({
    approvals: z.object({ given: z.number(), needed: z.number() }),
    amount: WireAmount.meta({ description: 'What was given up' }),
    recovered: WireAmount,
  }),
})

const toView = (deps: Deps, { loan, state, approvals }: WrittenOff): z.input<typeof WriteOffView> => ({
  ...viewOf(deps, loan, state),
  write_off: {
    approvals,
    amount: toWireAmount(state.writtenOff ? sumOf(state.writtenOff) : 0n, loan.currency),
    recovered: toWireAmount(state.recoveredMinor, loan.currency),
  },
})

const writtenOffExample = {
  ...activeExample,
  ...{ status: 'WRITTEN_OFF', outstanding: 0, principal_outstanding: 0, next_due: null },
  written_off_on: '2026-11-24',
  write_off: { approvals: { given: 1, needed: 1 }, amount: 25025, recovered: 0 },
}

export const writeOffEndpoints = (deps: Deps) => [giveUp(deps), undo(deps), recover(deps)]

const giveUp = (deps: Deps) =>
  endpoint({
    ...act,
    query,
    path: '/loans/:id/write-off',
    summary: 'Give up what is owed; of a large sum it takes two people',
    body: z.strictObject({ reason: Reason }),
    view: WriteOffView,
    refusals: [...refusals, 'already_approved'],
    example: { body: { reason: 'Insolvent' }, view: writtenOffExample },
    handle: ({ params: { id }, query, body: { reason }, user: { userId }, once }) =>
      onceOrDry({ query, once, db: deps.db, view: WriteOffView }, async (tx) =>
        toView(deps, await writeOff(tx, deps, { loanId: id, userId, reason })),
      ),
  })

const undo = (deps: Deps) =>
  endpoint({
    ...act,
    query,
    path: '/loans/:id/write-off/undo',
    summary: 'Take a write-off back while nothing was recovered since',
    body: z.strictObject({ reason: Reason }),
    view: WriteOffView,
    refusals: [...refusals, 'recovered_since'],
    example: {
      body: { reason: 'The borrower is back' },
      view: { ...activeExample, write_off: { approvals: { given: 0, needed: 0 }, amount: 0, recovered: 0 } },
    },
    handle: ({ params: { id }, query, body: { reason }, user: { userId }, once }) =>
      onceOrDry({ query, once, db: deps.db, view: WriteOffView }, async (tx) =>
        toView(deps, await undoWriteOff(tx, deps, { loanId: id, userId, reason })),
      ),
  })

const recover = (deps: Deps) =>
  endpoint({
    ...act,
    path: '/loans/:id/recoveries',
    summary: 'Take from the borrower’s wallet what was written off, up to all of it',
    status: 201,
    isOpen: ({ status }) => status === 'PENDING',
    body: z.strictObject({
      amount: positiveAmountIn(deps.rules.currency),
      reason: Reason.nullable().default(null),
    }),
    view: MovementView,
    refusals: [
      ...['loan_not_found', 'own_loan', 'illegal_transition', 'loan_changed', 'recovery_above_written_off'],
      ...['customer_not_linked', 'insufficient_funds', 'wallet_not_found', 'wallet_frozen', 'wallet_closed'],
    ],
    example: {
      body: { amount: 100, reason: 'Agreed by phone' },
      view: { ...movementExample, kind: 'recovery', amount: 100, loan_status: 'WRITTEN_OFF', status: 'COMPLETED' },
    },
    handle: ({ params: { id }, body: { amount: amountMinor, reason }, user: { userId }, claim, answering }) =>
      answering(async (answerWrites) => {
        const asked = { loanId: id, userId, amountMinor, reason, claim }
        const movement = await beginOnce(deps, claim, (tx) => beginRecovery(tx, deps, asked))
        return toMovementView(await carryOut(deps, movement, (done) => answerWrites(toMovementView(done))))
      }),
  })
