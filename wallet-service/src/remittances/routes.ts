import { actorOf, type Caller } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, pageQuery } from '@countinghouse/shared/http/fields'
import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { z } from 'zod'
import { boundTo } from '../ledger/walletAccess.js'
import { change, getRemittance, send, type AskedRecipient, type Deps } from './commands.js'
import { REMITTANCE_STATUSES } from './domain.js'
import { countRemittances, listRemittances } from './store.js'
import { ChangeBody, RemittanceBody, RemittanceView, TrackingView, examples, toRemittanceView, toTrackingView } from './views.js' // prettier-ignore

type RouteDeps = Deps & { currency: string }

const tag = 'Remittances'
const owners = ['customer', 'vendor'] as const
const params = z.object({ id: Id })
const sendable = ['wallet_not_found', 'same_wallet', 'currency_mismatch', 'insufficient_funds', 'wallet_frozen', 'wallet_closed', 'balance_limit', 'remittance_limit', 'ledger_busy'] // prettier-ignore

export const remittanceEndpoints = (deps: RouteDeps) => [...writeEndpoints(deps), ...readEndpoints(deps)]

const writeEndpoints = (deps: RouteDeps) => [
  endpoint({
    ...{ method: 'post', path: '/remittances', summary: 'Send money to another wallet, or out to a bank account', tag },
    access: owners,
    status: 201,
    idempotent: true,
    body: RemittanceBody,
    view: RemittanceView,
    refusals: sendable,
    example: examples.send,
    handle: ({ body, user, answering }) =>
      answering(async (answerWrites) => {
        const { amount, currency = deps.currency, description = null } = body
        const asked = { amount, currency, description, recipient: toAskedRecipient(body.recipient) }
        return toRemittanceView(await send(deps, user.userId, asked, (sent) => answerWrites(toRemittanceView(sent))))
      }),
  }),
  endpoint({
    ...{ method: 'patch', path: '/remittances/:id', summary: 'Say what became of a remittance; its sender may cancel it', tag }, // prettier-ignore
    access: [...owners, 'admin'],
    params,
    body: ChangeBody,
    view: RemittanceView,
    refusals: ['remittance_not_found', 'remittance_status_conflict', 'ledger_busy'],
    example: examples.change,
    handle: async ({ params: { id }, body: { status, reason = null }, caller }) => {
      const ownerId = boundTo(caller)
      if (ownerId !== undefined && status !== 'cancelled') throw refuseCommon('forbidden')
      return toRemittanceView(await change(deps, id, { status, reason, actor: actorOf(caller) }, ownerId))
    },
  }),
]

const toAskedRecipient = (recipient: z.output<typeof RemittanceBody>['recipient']): AskedRecipient => {
  if (typeof recipient === 'string') return { walletOrUser: recipient }
  if ('wallet_id' in recipient) return { walletOrUser: recipient.wallet_id }
  return { bank: { account: recipient.bank_account, name: recipient.name } }
}

const readers = [...owners, 'staff', 'admin'] as const
// Those who see all may ask for one user's.
const userIdFor = (caller: Caller, asked: string | undefined): string | undefined => boundTo(caller) ?? asked

const readEndpoints = (deps: RouteDeps) => [
  endpoint({
    ...{ method: 'get', path: '/remittances', summary: 'Remittances, newest first', tag },
    reads: { data: 'personal', of: 'remittance' },
    access: readers,
    query: z.object({ ...pageQuery, status: z.enum(REMITTANCE_STATUSES).optional(), user_id: Id.optional() }),
    view: RemittanceView,
    list: true,
    example: examples.list,
    handle: async ({ query: { status, user_id, ...at }, caller }) => {
      const filter = { userId: userIdFor(caller, user_id), status }
      const reads = readsOn(deps.db)
      const [found, total] = await Promise.all([
        listRemittances(reads, filter, rangeOf(at)),
        countRemittances(reads, filter),
      ])
      return new Page(found, total, at).map(toRemittanceView)
    },
  }),
  endpoint({
    ...{ method: 'get', path: '/remittances/:id', summary: 'One remittance, with the history of its states', tag },
    reads: { data: 'personal', of: 'remittance' },
    access: readers,
    params,
    view: RemittanceView,
    refusals: ['remittance_not_found'],
    example: examples.read,
    handle: async ({ params: { id }, caller }) => toRemittanceView(await getRemittance(deps, id, boundTo(caller))),
  }),
  endpoint({
    ...{ method: 'get', path: '/remittances/:id/tracking', summary: 'The history of its states', tag },
    reads: { data: 'financial', of: 'remittance' },
    access: ['admin', 'service'],
    params,
    view: TrackingView,
    refusals: ['remittance_not_found'],
    example: examples.tracking,
    handle: async ({ params: { id } }) => toTrackingView(await getRemittance(deps, id)),
  }),
]
