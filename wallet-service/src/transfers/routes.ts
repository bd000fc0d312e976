import { actorOf, type Caller } from '@countinghouse/shared/http/caller'
import { endpoint, type AnswerWrites } from '@countinghouse/shared/http/endpoint'
import { invalidAt } from '@countinghouse/shared/http/problem'
import { forLatest } from '@countinghouse/shared/latest'
import { toWireAmount } from '@countinghouse/shared/money'
import { commitCompanions } from '@countinghouse/shared/mongo/companion'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { z } from 'zod'
import { refuse } from '../errors.js'
import type { Posted } from '../ledger/domain.js'
import { findWallets } from '../ledger/find.js'
import { boundTo, visibleWallets } from '../ledger/walletAccess.js'
import { transferEach, type Sender } from './batch.js'
import { transfer, transferAll, walletIdsOf, type AskedTransfer, type Deps, type Payer } from './commands.js'
import type { ItemResult } from './domain.js'
import { BatchBody, BatchView, TransferBody, TransferView, batchExample, transferExample } from './views.js'

const refusals = [
  'wallet_not_found',
  'same_wallet',
  'currency_mismatch',
  'insufficient_funds',
  'wallet_frozen',
  'wallet_closed',
  'balance_limit',
  'ledger_busy',
]
const access = ['customer', 'vendor', 'admin', 'service'] as const
type RouteDeps = Deps & { currency: string }

export const transferEndpoints = (deps: RouteDeps) => [
  endpoint({
    method: 'post',
    path: '/transfers',
    summary: 'Move money from one wallet to another',
    tag: 'Transfers',
    access,
    status: 201,
    idempotent: true,
    body: TransferBody,
    view: TransferView,
    refusals,
    example: transferExample,
    handle: ({ body, caller, answering }) =>
      answering(async (answerWrites) => {
        const [asked] = await toAsked(deps, caller, [{ ...body, loc: ['body', 'amount'] }])
        if (!asked) throw new Error('A transfer was lost')
        const view = forLatest((posted: Posted) => toView(caller, asked, posted))
        return view(await transfer(deps, asked, payerOf(caller), (posted) => answerWrites(view(posted))))
      }),
  }),
  endpoint({
    method: 'post',
    path: '/transfers/batch',
    summary: 'Move money up to a thousand times, all or none or each for itself',
    tag: 'Transfers',
    access,
    idempotent: true,
    body: BatchBody,
    view: BatchView,
    refusals,
    example: batchExample,
    handle: ({ body: { atomic, transfers }, caller, claim, answering }) =>
      answering(async (answerWrites) => {
        const rows = transfers.map((one, index) => ({ ...one, loc: ['body', 'transfers', index, 'amount'] }))
        const batch = { asked: await toAsked(deps, caller, rows), caller, answerWrites }
        return atomic ? together(deps, batch) : eachForItself(deps, batch, { ...payerOf(caller), claim })
      }),
  }),
]

const payerOf = (caller: Caller): Payer => ({ actor: actorOf(caller), payerId: boundTo(caller) })

type AskedRow = z.output<typeof TransferBody> & { loc: (string | number)[] }

/** Fills in the payer: whoever owns a wallet pays from it unless they name one. */
const toAsked = async (
  { wallets, currency }: RouteDeps,
  caller: Caller,
  rows: AskedRow[],
): Promise<AskedTransfer[]> => {
  const userId = boundTo(caller)
  const needsOwn = userId !== undefined && rows.some(({ from_wallet_id }) => from_wallet_id === undefined)
  const own = needsOwn ? await wallets.findOf(userId, currency) : undefined
  if (needsOwn && !own) throw refuse('wallet_not_found', { user_id: userId, currency })
  return rows.map(({ from_wallet_id = own?._id, to_wallet_id, amount, description = null, loc }) => {
    if (from_wallet_id === undefined)
      throw invalidAt([...loc.slice(0, -1), 'from_wallet_id'], 'field required', 'value_error.missing')
    return { fromWalletId: from_wallet_id, toWalletId: to_wallet_id, amount, description, loc }
  })
}

type Batch = { asked: AskedTransfer[]; caller: Caller; answerWrites: AnswerWrites<typeof BatchView> }

const together = async (deps: Deps, { asked, caller, answerWrites }: Batch) => {
  const view = forLatest(({ entries, accounts }: Posted) => ({
    results: entries.map(({ _id }, index) => ({ index, status: 'posted' as const, id: _id })),
    wallets: visibleWallets(caller, accounts.values()),
  }))
  return view(await transferAll(deps, asked, payerOf(caller), (posted) => answerWrites(view(posted))))
}

const eachForItself = async (deps: Deps, { asked, caller, answerWrites }: Batch, sender: Sender) => {
  const results = await transferEach(deps, asked, sender)
  const wallets = visibleWallets(caller, (await findWallets(readsOn(deps.db), walletIdsOf(asked))).values())
  const view = { results: results.map((result: ItemResult, index) => ({ index, ...result })), wallets }
  await commitCompanions(deps.db, answerWrites(view))
  return view
}

const toView = (caller: Caller, asked: AskedTransfer, { entries: [entry], accounts }: Posted) => {
  const [payment] = entry?.postings ?? []
  if (!entry || !payment) throw new Error('The ledger answered without an entry')
  return {
    id: entry._id,
    from_wallet_id: asked.fromWalletId,
    to_wallet_id: asked.toWalletId,
    amount: toWireAmount(payment.amountMinor, payment.currency),
    currency: payment.currency,
    description: entry.description,
    created_at: entry.postedAt.toISOString(),
    wallets: visibleWallets(caller, accounts.values()),
  }
}
