import { actorOf, type Caller } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id } from '@countinghouse/shared/http/fields'
import { invalidAt } from '@countinghouse/shared/http/problem'
import { z } from 'zod'
import { refuse } from '../errors.js'
import { boundTo, visibleWallets } from '../ledger/walletAccess.js'
import { capture, getHold, place, release, type AskedHold, type Asker, type Deps, type Stepped } from './commands.js'
import { CaptureBody, HoldBody, HoldView, SteppedView, examples, toHoldView } from './views.js'

const payers = ['customer', 'vendor', 'admin', 'service'] as const
const params = z.object({ id: Id })
const finished = ['hold_already_captured', 'hold_already_released', 'hold_already_expired']
const barred = ['wallet_frozen', 'wallet_closed', 'ledger_busy']
const step = { method: 'post', tag: 'Holds', access: payers, idempotent: true, view: SteppedView } as const
type RouteDeps = Deps & { currency: string }

export const holdEndpoints = (deps: RouteDeps) => [placeEndpoint(deps), readEndpoint(deps), ...stepEndpoints(deps)]

const placeEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...step,
    path: '/holds',
    summary: 'Set money aside in a wallet, for a payment that is settled later',
    status: 201,
    body: HoldBody,
    refusals: ['wallet_not_found', 'same_wallet', 'currency_mismatch', 'insufficient_funds', ...barred],
    example: examples.place,
    handle: ({ body, caller, answering }) =>
      answering(async (answerWrites) => {
        const view = toStepped(deps, caller)
        const asked = await toAsked(deps, body, caller)
        return view(await place(deps, asked, askerOf(caller), (stepped) => answerWrites(view(stepped))))
      }),
  })

const readEndpoint = (deps: RouteDeps) =>
  endpoint({
    method: 'get',
    path: '/holds/:id',
    reads: { data: 'financial', of: 'hold' },
    summary: 'Read a hold',
    tag: 'Holds',
    access: [...payers, 'staff'],
    params,
    view: HoldView,
    refusals: ['hold_not_found'],
    example: examples.read,
    handle: async ({ params: { id }, caller }) => toHoldView(await getHold(deps, id, boundTo(caller)), deps.now()),
  })

const stepEndpoints = (deps: RouteDeps) => [
  endpoint({
    ...step,
    path: '/holds/:id/capture',
    summary: 'Pay what is held, or a part of it',
    params,
    body: CaptureBody,
    refusals: ['hold_not_found', ...finished, 'exceeds_hold', 'balance_limit', ...barred],
    example: examples.capture,
    handle: ({ params: { id }, body: { amount, final }, caller, answering }) =>
      answering(async (answerWrites) => {
        const view = toStepped(deps, caller)
        const asked = { id, amount, final }
        return view(await capture(deps, asked, askerOf(caller), (stepped) => answerWrites(view(stepped))))
      }),
  }),
  endpoint({
    ...step,
    path: '/holds/:id/release',
    summary: 'Let go of what is held',
    params,
    refusals: ['hold_not_found', ...finished, 'ledger_busy'],
    example: examples.release,
    handle: ({ params: { id }, caller, answering }) =>
      answering(async (answerWrites) => {
        const view = toStepped(deps, caller)
        return view(await release(deps, id, askerOf(caller), (stepped) => answerWrites(view(stepped))))
      }),
  }),
]

const askerOf = (caller: Caller): Asker => ({ actor: actorOf(caller), userId: boundTo(caller) })

/** Fills in the wallet: whoever owns one holds money in it unless they name another. */
const toAsked = async (deps: RouteDeps, body: z.output<typeof HoldBody>, caller: Caller): Promise<AskedHold> => {
  const { wallet_id: walletId, to_wallet_id, amount, expires_in, description = null } = body
  const asked = { toWalletId: to_wallet_id, amount, description, expiresInSeconds: expires_in }
  if (walletId !== undefined) return { walletId, ...asked }
  const userId = boundTo(caller)
  if (userId === undefined) throw invalidAt(['body', 'wallet_id'], 'field required', 'value_error.missing')
  const own = await deps.wallets.findOf(userId, deps.currency)
  if (!own) throw refuse('wallet_not_found', { user_id: userId, currency: deps.currency })
  return { walletId: own._id, ...asked }
}

const toStepped =
  ({ now }: Deps, caller: Caller) =>
  ({ hold, accounts }: Stepped) => ({
    ...toHoldView(hold, now()),
    wallets: visibleWallets(caller, accounts.values()),
  })
