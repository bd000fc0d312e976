import { faultPoint } from '@countinghouse/shared/fault'
import { readAmount } from '@countinghouse/shared/http/fields'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { counter } from '@countinghouse/shared/metrics'
import { toWireAmount } from '@countinghouse/shared/money'
import { writeCompanions, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { houseAccountId } from '../ledger/chart.js'
import type { EntryDraft, WalletFacts } from '../ledger/domain.js'
import { walletEvents } from '../ledger/events.js'
import type { Ledger } from '../ledger/ledger.js'
import type { WalletBook } from '../ledger/walletFacts.js'
import { providerEntryKey } from '../payments/provider.js'
import { REMITTANCE_STATUSES, changeByHand, isRefund, newRemittance, refundEntry, sendingEntry, stepTo, type Change, type Recipient, type Remittance } from './domain.js' // prettier-ignore
import { remittanceEvent } from './events.js'
import {
  RemittanceChanged,
  beginDay,
  countOnDay,
  findRemittance,
  remittanceInsertion,
  remittanceUpdate,
  uncountOnDay,
} from './store.js'

export type Deps = {
  db: Connection
  ledger: Ledger
  wallets: WalletBook
  now: () => Date
  dayOf: (at: Date) => string
  /** The most that a user sends on a day. */
  dailyLimitMinor: bigint
}

/** A wallet, or a user whose wallet it is, or a bank account. */
export type AskedRecipient = { walletOrUser: string } | { bank: { account: string; name: string } }
export type Asked = { amount: number | string; currency: string; recipient: AskedRecipient; description: string | null }
type Companions = (remittance: Remittance) => CompanionWrite[]

const counted = counter('remittances_total', 'Remittances by the status that they came to', {
  status: REMITTANCE_STATUSES,
})

export const accountsIn = (currency: string) => ({
  clearing: houseAccountId('clearing', currency),
  provider: houseAccountId('payment_provider', currency),
  creditBalances: houseAccountId('customer_credit_balances', currency),
})

/** Sends money out of the user's wallet. */
export const send = async (deps: Deps, userId: string, asked: Asked, companions: Companions): Promise<Remittance> => {
  const { db, ledger, now, dayOf } = deps
  const { currency, amount, description } = asked
  const wallet = await deps.wallets.findOf(userId, currency)
  if (!wallet) throw refuse('wallet_not_found', { user_id: userId, currency })
  const actor = `user:${userId}`
  const order = {
    ...{ _id: uuidv7(), userId, wallet, actor, description, day: dayOf(now()) },
    recipient: await recipientOf(deps, asked, wallet),
    amountMinor: readAmount(amount, currency, ['body', 'amount']),
  }
  const remittance = newRemittance(order, now())
  await beginDay(db, remittance)
  const limit = { minor: deps.dailyLimitMinor, wire: toWireAmount(deps.dailyLimitMinor, currency) }
  await ledger.submit({
    drafts: [sendingEntry(remittance, accountsIn(currency), { entryId: uuidv7(), actor })],
    companions: () => [countOnDay(remittance, limit), remittanceInsertion(remittance), ...companions(remittance)],
    events: (posted) => [...walletEvents(posted), remittanceEvent(remittance)],
  })
  counted.inc({ status: remittance.status })
  return remittance
}

const recipientOf = async (deps: Deps, { recipient, currency }: Asked, from: WalletFacts): Promise<Recipient> => {
  if ('bank' in recipient) return { kind: 'bank', ...recipient.bank }
  const { walletOrUser: id } = recipient
  const to = (await deps.wallets.find([id])).get(id) ?? (await deps.wallets.findOf(id, currency))
  if (!to) throw refuse('wallet_not_found', { wallet_id: id })
  if (to._id === from._id) throw refuse('same_wallet')
  if (to.currency !== from.currency) throw refuse('currency_mismatch', { from: from.currency, to: to.currency })
  return { kind: 'wallet', walletId: to._id }
}

export const getRemittance = async ({ db }: Pick<Deps, 'db'>, id: string, ownerId?: string): Promise<Remittance> => {
  const remittance = await findRemittance(readsOn(db), id)
  if (!remittance || (ownerId !== undefined && remittance.userId !== ownerId))
    throw refuse('remittance_not_found', { remittance_id: id })
  return remittance
}

/** Takes a step that a person asks for. */
export const change = async (deps: Deps, id: string, asked: Change, ownerId?: string): Promise<Remittance> => {
  const before = await getRemittance(deps, id, ownerId)
  try {
    return await save(deps, { before, after: changeByHand(before, asked, deps.now()), by: asked.actor })
  } catch (error) {
    // What somebody else has done with it meanwhile counts; the step is decided again on that.
    if (error instanceof RemittanceChanged) return change(deps, id, asked, ownerId)
    throw error
  }
}

/** Takes a step of the house's own. */
export const advance = (
  deps: Deps,
  before: Remittance,
  step: Omit<Change, 'actor'> & { drafts?: EntryDraft[]; payoutId?: string },
): Promise<Remittance> => {
  const { drafts = [], payoutId = before.payoutId, ...to } = step
  const actor = 'service:wallet-service'
  const known = { ...before, payoutId }
  const isSame = to.status === before.status
  const after = isSame ? { ...known, version: before.version + 1 } : stepTo(known, { ...to, actor }, deps.now())
  return save(deps, { before, after, by: actor, drafts })
}

type Saving = { before: Remittance; after: Remittance; by: string; drafts?: EntryDraft[] }

/** Writes a step over the version that it was decided on; a refund is entered in the same commit, and so exactly once. */
const save = async (deps: Deps, saving: Saving): Promise<Remittance> => {
  const { before, after, drafts = [] } = saving
  const isBack = isRefund(after.status)
  const writes = [remittanceUpdate(before, after), ...(isBack ? [uncountOnDay(after)] : [])]
  const events = before.status === after.status ? [] : [remittanceEvent(after)]
  const commit = (more: EntryDraft[]) =>
    deps.ledger.submit({
      drafts: [...drafts, ...more],
      companions: () => writes,
      events: (posted) => [...walletEvents(posted), ...events],
    })
  faultPoint('remittance:before-commit')
  if (isBack)
    await commit([refundOf(saving, false)]).catch((error: unknown) => {
      if (error instanceof Refusal && error.code === 'wallet_closed') return commit([refundOf(saving, true)])
      throw error
    })
  else if (drafts.length > 0) await commit([])
  else
    await inTransaction(deps.db, async (tx) => {
      await writeCompanions(tx, writes)
      await addToOutbox(tx, ...events)
    })
  if (before.status !== after.status) counted.inc({ status: after.status })
  return after
}

const refundOf = ({ after, by }: Saving, isWalletClosed: boolean): EntryDraft => {
  const { _id, payoutId, currency } = after
  const key = payoutId === null ? `remittance:${_id}:refund` : providerEntryKey(payoutId, 'payout_failure')
  return refundEntry(after, accountsIn(currency), { entryId: uuidv7(), actor: by, key, isWalletClosed })
}
