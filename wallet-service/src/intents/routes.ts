import { actorOf, type Caller } from '@countinghouse/shared/http/caller'
import { endpoint, type AnswerWrites } from '@countinghouse/shared/http/endpoint'
import { Id, readAmount } from '@countinghouse/shared/http/fields'
import { invalidAt } from '@countinghouse/shared/http/problem'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { z } from 'zod'
import { boundTo } from '../ledger/walletAccess.js'
import type { Ask, Payment } from '../payments/domain/payment.js'
import { isForWallet } from '../payments/domain/receipt.js'
import { listPayments } from '../payments/store.js'
import { create } from './commands/create.js'
import type { Asker, Deps } from './commands/deps.js'
import { getVisible, takeStep, type AskedStep } from './commands/steps.js'
import { examples } from './examples.js'
import { CancelBody, CaptureBody, ConfirmBody, IntentBody, IntentView, intentQuery, toIntentView } from './views.js'

const payers = ['customer', 'vendor', 'admin', 'service'] as const
const readers = [...payers, 'staff'] as const
const params = z.object({ id: Id })
const tag = 'Payments'
const ofWallets = ['wallet_not_found', 'wallet_frozen', 'wallet_closed', 'insufficient_funds', 'ledger_busy']

export const intentEndpoints = (deps: Deps) => [
  createEndpoint(deps),
  listEndpoint(deps),
  readEndpoint(deps),
  ...stepEndpoints(deps),
]

const createEndpoint = (deps: Deps) =>
  endpoint({
    ...{ method: 'post', path: '/payments/intents', summary: 'Begin a payment', tag, access: payers, status: 201 },
    idempotent: true,
    body: IntentBody,
    view: IntentView,
    refusals: [
      ...['payment_declined', 'payment_method_impossible', 'currency_mismatch', 'loan_not_found', 'balance_limit'],
      ...['dependency_unavailable', 'payment_status_conflict', ...ofWallets],
    ],
    example: examples.create,
    handle: ({ body, caller, claim, authorization, answering }) => {
      const { payment_method: paymentMethod = null, confirm, amount, currency, purpose } = body
      if (confirm && paymentMethod === null) throw missing('payment_method')
      const asked = {
        ...{ userId: body.user_id, amount, currency, purpose, captureMethod: body.capture_method },
        ...{ paymentMethod, confirm, returnUrl: body.return_url ?? null, description: body.description ?? null },
        authorization: caller.kind === 'user' ? authorization : undefined,
      }
      return answering(async (answerWrites) =>
        toIntentView(
          await create(deps, { asked, by: askerOf(caller), claim }, (payment) => answerWrites(toIntentView(payment))),
        ),
      )
    },
  })

const listEndpoint = (deps: Deps) =>
  endpoint({
    ...{ method: 'get', path: '/payments/intents', summary: 'List payments, newest first', tag, access: readers },
    reads: { data: 'financial', of: 'payment' },
    query: intentQuery,
    view: IntentView,
    list: true,
    example: examples.list,
    handle: async ({ query: { status, purpose_kind: purposeKind, purpose_id: purposeId, ...paging }, caller }) => {
      const filter = { ownerId: boundTo(caller), status, purposeKind, purposeId }
      return (await listPayments(readsOn(deps.db), filter, paging)).map((payment) => viewFor(payment, caller))
    },
  })

const readEndpoint = (deps: Deps) =>
  endpoint({
    ...{
      method: 'get',
      path: '/payments/intents/:id',
      reads: { data: 'financial', of: 'payment' },
      summary: 'Read a payment and its history',
      tag,
      access: readers,
    },
    params,
    view: IntentView,
    refusals: ['payment_not_found'],
    example: examples.read,
    handle: async ({ params: { id }, caller }) => viewFor(await getVisible(deps, id, boundTo(caller)), caller),
  })

// The secret lets whoever has it pay; those who only look have no use for it.
const viewFor = (payment: Payment, caller: Caller) => {
  const isStaff = caller.kind === 'user' && caller.role === 'staff'
  return toIntentView(isStaff ? { ...payment, clientSecret: null } : payment)
}

const step = { method: 'post', tag, access: payers, idempotent: true, params, view: IntentView } as const
const always = ['payment_not_found', 'payment_status_conflict', 'payment_declined', 'dependency_unavailable']
const ofHolds = ['hold_not_found', 'hold_already_captured', 'hold_already_released', 'hold_already_expired']

const stepEndpoints = (deps: Deps) => [
  endpoint({
    ...{ ...step, path: '/payments/intents/:id/confirm', summary: 'Pay, with the means given now or at the beginning' },
    body: ConfirmBody,
    refusals: [...always, ...ofWallets],
    example: examples.confirm,
    handle: ({ params: { id }, body, caller, claim, answering }) => {
      const ask = (payment: Payment): Ask => {
        const paymentMethod = body.payment_method ?? payment.paymentMethod
        if (paymentMethod === null && payment.method === 'card') throw missing('payment_method')
        return { kind: 'confirm', paymentMethod: paymentMethod ?? 'wallet', returnUrl: body.return_url ?? null }
      }
      return answering((answerWrites) =>
        stepped(deps, id, { ask, by: askerOf(caller), claimId: claim?.id }, answerWrites),
      )
    },
  }),
  endpoint({
    ...{ ...step, path: '/payments/intents/:id/capture', summary: 'Take what was set aside, or a part of it' },
    body: CaptureBody,
    refusals: [...always, 'exceeds_authorized', 'exceeds_hold', ...ofHolds, ...ofWallets],
    example: examples.capture,
    handle: ({ params: { id }, body: { amount }, caller, claim, answering }) => {
      const by = askerOf(caller)
      const ask = (payment: Payment): Ask => {
        if (by.userId !== undefined && !isForWallet(payment.purpose)) throw refuseCommon('forbidden')
        const { amountCapturableMinor, currency } = payment
        const amountMinor = amount === undefined ? amountCapturableMinor : readAmount(amount, currency, ['body', 'amount']) // prettier-ignore
        return { kind: 'capture', amountMinor }
      }
      return answering((answerWrites) => stepped(deps, id, { ask, by, claimId: claim?.id }, answerWrites))
    },
  }),
  endpoint({
    ...{ ...step, path: '/payments/intents/:id/cancel', summary: 'End a payment that has not taken any money' },
    body: CancelBody,
    refusals: [...always, ...ofHolds, ...ofWallets],
    example: examples.cancel,
    handle: ({ params: { id }, body: { reason }, caller, claim, answering }) => {
      const asked = { ask: () => ({ kind: 'cancel', reason }) as const, by: askerOf(caller), claimId: claim?.id }
      return answering((answerWrites) => stepped(deps, id, asked, answerWrites))
    },
  }),
]

const stepped = async (deps: Deps, id: string, asked: AskedStep, answerWrites: AnswerWrites<typeof IntentView>) =>
  toIntentView(await takeStep(deps, id, asked, (payment) => answerWrites(toIntentView(payment))))

const askerOf = (caller: Caller): Asker => ({ actor: actorOf(caller), userId: boundTo(caller) })

const missing = (name: string) => invalidAt(['body', name], 'field required', 'value_error.missing')
