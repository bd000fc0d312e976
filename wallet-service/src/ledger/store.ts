import { isOneOf, isText, where } from '@countinghouse/shared/mongo/partial'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { native, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import { Schema } from 'mongoose'
import type { Block, ChainedEntry } from './block.js'
import { parseHouseAccountId } from './chart.js'
import { ACCOUNT_STATUSES, ACCOUNT_TYPES, type Account, type Accounts } from './domain.js'

const amount = { type: BigInt, required: true }

export const accounts = defineCollection<Account>(
  'accounts',
  {
    kind: { type: String, enum: ['wallet', 'house'], required: true },
    type: { type: String, enum: ACCOUNT_TYPES, required: true },
    currency: { type: String, required: true },
    ownerId: String,
    status: { type: String, enum: ACCOUNT_STATUSES, required: true },
    postedMinor: amount,
    pendingInMinor: amount,
    pendingOutMinor: amount,
    availableFloorMinor: BigInt,
    postedCeilingMinor: BigInt,
    version: { type: Number, required: true },
    openedAt: { type: Date, required: true },
  },
  {
    indexes: [
      {
        fields: { ownerId: 1, currency: 1 },
        options: { unique: true, partialFilterExpression: { kind: 'wallet' } },
      },
    ],
    invariants: [
      {
        $or: [
          { $eq: ['$availableFloorMinor', null] },
          { $gte: [{ $subtract: ['$postedMinor', '$pendingOutMinor'] }, '$availableFloorMinor'] },
        ],
      },
    ],
  },
)

const posting = new Schema(
  {
    accountId: { type: String, required: true },
    side: { type: String, enum: ['debit', 'credit'], required: true },
    amountMinor: amount,
    currency: { type: String, required: true },
    balanceAfterMinor: amount,
  },
  { _id: false },
)

const reservation = new Schema(
  {
    accountId: { type: String, required: true },
    direction: { type: String, enum: ['in', 'out'], required: true },
    amountMinor: amount,
  },
  { _id: false },
)

const reference = new Schema(
  { kind: { type: String, required: true }, id: { type: String, required: true } },
  { _id: false },
)

const signedAmountIn = (currency: string) => ({
  $cond: [
    { $eq: ['$$posting.currency', currency] },
    { $multiply: ['$$posting.amountMinor', { $cond: [{ $eq: ['$$posting.side', 'debit'] }, 1, -1] }] },
    0,
  ],
})

const balancedPerCurrency = {
  $allElementsTrue: {
    $map: {
      input: { $setUnion: ['$postings.currency', []] },
      as: 'currency',
      in: { $eq: [{ $sum: { $map: { input: '$postings', as: 'posting', in: signedAmountIn('$$currency') } } }, 0] },
    },
  },
}

export const blocks = defineCollection<Block>('blocks', {
  height: { type: Number, required: true },
  previousHash: { type: String, required: true },
  root: { type: String, required: true },
  hash: { type: String, required: true },
  entryCount: { type: Number, required: true },
  committedAt: { type: Date, required: true },
})

export const entries = defineCollection<ChainedEntry>(
  'entries',
  {
    key: String,
    kind: { type: String, required: true },
    reference,
    postings: { type: [posting], required: true },
    reservations: { type: [reservation], required: true },
    actor: { type: String, required: true },
    description: String,
    postedAt: { type: Date, required: true },
    height: { type: Number, required: true },
    index: { type: Number, required: true },
  },
  {
    indexes: [
      { fields: { key: 1 }, options: { unique: true, ...where('key', 'string') } },
      { fields: { height: 1, index: 1 }, options: { unique: true } },
      { fields: { 'postings.accountId': 1, height: -1, index: -1 } },
      {
        fields: { 'reference.id': 1, height: -1, index: -1 },
        options: { partialFilterExpression: { 'reference.id': { $exists: true } } },
      },
    ],
    invariants: [balancedPerCurrency],
  },
)

/** The accounts that exist, by id; a house account that was never used comes as a new, empty one. */
export const loadAccounts = async (reads: Reads, ids: readonly string[], now: Date): Promise<Map<string, Account>> => {
  const found = await reads.find(accounts, { _id: { $in: [...ids] } })
  const loaded = new Map(found.map((account) => [account._id, account]))
  for (const id of ids) {
    const house = loaded.has(id) ? undefined : emptyHouseAccount(id, now)
    if (house) loaded.set(id, house)
  }
  return loaded
}

const emptyHouseAccount = (id: string, now: Date): Account | undefined => {
  const house = parseHouseAccountId(id)
  return house && { ...emptyAccount(now), _id: id, kind: 'house', ownerId: null, ...house }
}

const emptyAccount = (now: Date) => ({
  status: 'open' as const,
  postedMinor: 0n,
  pendingInMinor: 0n,
  pendingOutMinor: 0n,
  availableFloorMinor: null,
  postedCeilingMinor: null,
  version: 0,
  openedAt: now,
})

/** Opens a user's wallet at zero; false when the user has one in this currency. */
export const insertWallet = async (tx: Tx, wallet: { id: string; ownerId: string; currency: string }, now: Date) => {
  const { id, ownerId, currency } = wallet
  if (await findWalletOf(tx, ownerId, currency)) return false
  await tx.insert(accounts, {
    ...emptyAccount(now),
    version: 1,
    _id: id,
    kind: 'wallet',
    type: 'liability',
    ownerId,
    currency,
    availableFloorMinor: 0n,
  })
  return true
}

export const findWallet = async (reads: Reads, id: string): Promise<Account | undefined> => {
  // By its id alone, so that many at once are found by one question.
  const account = await reads.findOne(accounts, { _id: id })
  return account?.kind === 'wallet' ? account : undefined
}

export const findWalletOf = (reads: Reads, ownerId: string, currency: string) =>
  reads.findOne(accounts, { ownerId, currency, kind: 'wallet' })

export const findWalletsOf = (reads: Reads, ownerId: string) => reads.find(accounts, { ownerId, kind: 'wallet' })

/** Selects the entries about a document or an entry, that entry itself included. */
export const aboutReference = (id: string) => ({ $or: [{ _id: id }, { 'reference.id': id }] })

export const findEntryByKey = (reads: Reads, key: string) => reads.findOne(entries, { key: isText(key) })

/** Another process changed an account after it was read. */
export class StaleAccounts extends Error {}

/** Writes the accounts that changed; throws `StaleAccounts` when one is no longer what the decision was based on. */
export const saveAccounts = async (tx: Tx, before: Accounts, after: Accounts): Promise<void> => {
  const changed = [...after.values()].filter((account) => account !== before.get(account._id))
  const operations = changed.map(({ _id, version, postedMinor, pendingInMinor, pendingOutMinor, ...fixed }) => {
    const known = before.get(_id)?.version ?? 0
    const amounts = { version, postedMinor, pendingInMinor, pendingOutMinor }
    return known === 0
      ? { insertOne: { document: { _id, ...fixed, ...amounts } } }
      : { updateOne: { filter: { _id, version: known }, update: { $set: amounts } } }
  })
  const result = await native(tx.db, accounts).bulkWrite(operations, { session: tx.session, ordered: false })
  if (result.insertedCount + result.matchedCount !== changed.length) throw new StaleAccounts()
}

/** The newest block; undefined while the chain is empty. */
export const findHead = async (reads: Reads): Promise<Block | undefined> =>
  (await reads.find(blocks, {}, { sort: { _id: -1 }, limit: 1 }))[0]

export const insertBlock = async (tx: Tx, block: Block, chained: ChainedEntry[]): Promise<void> => {
  await native(tx.db, blocks).insertOne(block, { session: tx.session })
  await native(tx.db, entries).insertMany(chained, { session: tx.session })
}

/** Which of these keys are entered, and as which entry. */
export const findEntryIds = async (reads: Reads, keys: readonly string[]): Promise<Map<string, string>> => {
  if (keys.length === 0) return new Map()
  const found = await reads.find(entries, { key: isOneOf(keys) })
  return new Map(found.map(({ key, _id }) => [key ?? '', _id]))
}
