import { readAmount } from '@countinghouse/shared/http/fields'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { Refusal, refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { houseAccountId } from '../ledger/chart.js'
import type { Accounts, KnownWallets, WalletFacts } from '../ledger/domain.js'
import type { Ledger } from '../ledger/ledger.js'
import type { WalletBook } from '../ledger/walletFacts.js'
import { captureHold, expireHold, placeHold, releaseHold, type Hold, type HoldStep, type StepBy } from './domain.js'
import { HoldChanged, findHold, holdInsertion, holdUpdate } from './store.js'

export type Deps = { db: Connection; ledger: Ledger; wallets: WalletBook; now: () => Date }

/** Who asks: `userId` is set for those who are bound to their own wallets. */
export type Asker = { actor: string; userId: string | undefined }

/** A hold, the entry of its last step, and the accounts that it left. */
export type Stepped = { hold: Hold; entryId: string; accounts: Accounts }
export type Companions = (stepped: Stepped) => CompanionWrite[]

export type AskedHold = {
  walletId: string
  toWalletId: string | undefined
  amount: number | string
  description: string | null
  expiresInSeconds: number
}

/** Sets money aside. */
export const place = async (deps: Deps, asked: AskedHold, by: Asker, companions: Companions): Promise<Stepped> => {
  const wallets = await deps.wallets.find([asked.walletId, asked.toWalletId ?? asked.walletId])
  const wallet = walletIn(wallets, asked.walletId, by.userId)
  const now = deps.now()
  const order = {
    holdId: uuidv7(),
    wallet,
    payee: asked.toWalletId === undefined ? undefined : walletIn(wallets, asked.toWalletId, undefined),
    clearingId: houseAccountId('clearing', wallet.currency),
    amountMinor: readAmount(asked.amount, wallet.currency, ['body', 'amount']),
    description: asked.description,
    expiresAt: new Date(now.getTime() + asked.expiresInSeconds * 1000),
  }
  const { hold, draft } = placeHold(order, newStep(by.actor), now)
  const { entryId } = draft
  const write = ({ accounts }: Pick<Stepped, 'accounts'>) => [
    holdInsertion(hold),
    ...companions({ hold, entryId, accounts }),
  ]
  const { accounts } = await deps.ledger.submit({ drafts: [draft], companions: write })
  return { hold, entryId, accounts }
}

const walletIn = (wallets: KnownWallets, id: string, ownerId: string | undefined): WalletFacts => {
  const wallet = wallets.get(id)
  if (!wallet || (ownerId !== undefined && wallet.ownerId !== ownerId))
    throw refuse('wallet_not_found', { wallet_id: id })
  return wallet
}

/** The hold, if it is in a wallet of the asker's. */
export const getHold = async ({ db }: Deps, id: string, userId: string | undefined): Promise<Hold> => {
  const hold = await findHold(readsOn(db), id)
  if (!hold || (userId !== undefined && hold.ownerId !== userId)) throw refuse('hold_not_found', { hold_id: id })
  return hold
}

export type AskedCapture = { id: string; amount: number | string | undefined; final: boolean }

export const capture = (deps: Deps, { id, amount, final }: AskedCapture, by: Asker, companions: Companions) =>
  takeStep(deps, { id, by, companions }, (hold, step) => {
    const amountMinor = amount === undefined ? undefined : readAmount(amount, hold.currency, ['body', 'amount'])
    return captureHold(hold, { amountMinor, final }, step, deps.now())
  })

export const release = (deps: Deps, id: string, by: Asker, companions: Companions) =>
  takeStep(deps, { id, by, companions }, (hold, step) => releaseHold(hold, step, deps.now()))

/** Lets go of a hold whose time has run out, unless that was done. */
export const expire = async (deps: Deps, hold: Hold): Promise<void> => {
  const step = expireHold(hold, newStep('service:wallet-service'), deps.now())
  if (!step) return
  const request = { drafts: [step.draft], companions: () => [holdUpdate(hold, step.hold)] }
  await deps.ledger.submit(request).catch(async (error: unknown) => {
    if (!(await isOvertaken(deps, hold, error))) throw error
  })
}

type Asked = { id: string; by: Asker; companions: Companions }
type Decide = (hold: Hold, by: StepBy) => HoldStep

/** Takes a step with a hold as it stands; who is overtaken by another step decides again on what that one left. */
const takeStep = async (deps: Deps, { id, by, companions }: Asked, decide: Decide): Promise<Stepped> => {
  for (;;) {
    const before = await getHold(deps, id, by.userId)
    // What a service or an admin has set aside is not its owner's to move.
    if (by.userId !== undefined && before.placedBy !== by.actor) throw refuseCommon('forbidden')
    const { hold, draft } = decide(before, newStep(by.actor))
    const { entryId } = draft
    const write = ({ accounts }: Pick<Stepped, 'accounts'>) => [
      holdUpdate(before, hold),
      ...companions({ hold, entryId, accounts }),
    ]
    try {
      const { accounts } = await deps.ledger.submit({ drafts: [draft], companions: write })
      return { hold, entryId, accounts }
    } catch (error) {
      if (!(await isOvertaken(deps, before, error))) throw error
    }
  }
}

// In one group with the step before it, a step may also be refused for what that one left.
const isOvertaken = async ({ db }: Deps, { _id, version }: Hold, error: unknown): Promise<boolean> => {
  if (error instanceof HoldChanged) return true
  if (!(error instanceof Refusal || error instanceof RangeError)) return false
  return (await findHold(readsOn(db), _id))?.version !== version
}

const newStep = (actor: string): StepBy => ({ entryId: uuidv7(), actor })
