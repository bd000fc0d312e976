import { endpoint } from '@countinghouse/shared/http/endpoint'
import { instantsOf } from '@countinghouse/shared/days'
import { Day, Id, TimeZone, feedQuery, readAmount } from '@countinghouse/shared/http/fields'
import type { Feed } from '@countinghouse/shared/http/page'
import { invalidAt } from '@countinghouse/shared/http/problem'
import { readsTogether } from '@countinghouse/shared/mongo/together'
import { readsOn, type Reads } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { refuse } from '../../errors.js'
import { findWallet, findWalletOf, findWalletsOf } from '../../ledger/store.js'
import type { Movement } from '../domain.js'
import { MovementView, movementExample, toMovementView } from '../movementView.js'
import { heightsBetween } from '../store/moments.js'
import { listMovements, parseMovementCursor } from '../store/movements.js'
import type { Deps } from './deps.js'

const Amount = z
  .string()
  .max(40)
  .meta({ description: 'In the wallet’s currency, or the one of `currency`', example: 250 })

const filterQuery = {
  ...feedQuery,
  kind: z.string().max(64).optional(),
  reference_id: Id.optional(),
  from: Day.optional(),
  to: Day.optional(),
  tz: TimeZone.optional(),
  min_amount: Amount.optional(),
  max_amount: Amount.optional(),
  currency: z.string().length(3).optional(),
}
type FilterQuery = z.output<z.ZodObject<typeof filterQuery>>

export const feedEndpoints = (deps: Deps) => [
  endpoint({
    method: 'get',
    path: '/wallet/transactions',
    summary: 'List the movements on one’s own wallet, newest first',
    tag: 'Statements',
    access: ['customer', 'vendor'],
    query: z.object(filterQuery),
    view: MovementView,
    list: true,
    refusals: ['wallet_not_found'],
    example: { view: [movementExample] },
    handle: async ({ query, user: { userId } }) => {
      const reads = readsOn(deps.db)
      const currency = query.currency ?? deps.currency
      const wallet = await findWalletOf(reads, userId, currency)
      if (!wallet) throw refuse('wallet_not_found', { user_id: userId, currency })
      return (await list(deps, query, { walletIds: [wallet._id], currency })).map(toMovementView)
    },
  }),
  endpoint({
    method: 'get',
    path: '/transactions',
    reads: { data: 'financial', of: 'wallet', id: 'wallet_id' },
    summary: 'List the movements on all wallets, newest first',
    tag: 'Statements',
    access: ['admin'],
    query: z.object({ ...filterQuery, wallet_id: Id.optional(), user_id: Id.optional() }),
    view: MovementView,
    list: true,
    refusals: ['wallet_not_found'],
    example: { view: [movementExample] },
    handle: async ({ query }) => {
      const scope = await scopeOf(readsTogether(deps.db), query)
      return (await list(deps, query, scope)).map(toMovementView)
    },
  }),
]

type Scope = { walletIds?: string[] | undefined; currency?: string | undefined }

const scopeOf = async (
  reads: Reads,
  { wallet_id, user_id, currency }: { wallet_id?: string | undefined; user_id?: string | undefined } & FilterQuery,
): Promise<Scope> => {
  const wallet = wallet_id === undefined ? undefined : await findWallet(reads, wallet_id)
  if (wallet_id !== undefined && !wallet) throw refuse('wallet_not_found', { wallet_id })
  const owned = user_id === undefined ? undefined : (await findWalletsOf(reads, user_id)).map(({ _id }) => _id)
  const walletIds = wallet ? [wallet._id].filter((id) => owned?.includes(id) ?? true) : owned
  return { walletIds, currency: currency ?? wallet?.currency }
}

const list = async (
  { db, currency: standard, timeZone }: Deps,
  { cursor, page_size, kind, reference_id, from, to, tz, min_amount, max_amount }: FilterQuery,
  { walletIds, currency }: Scope,
): Promise<Feed<Movement>> => {
  const after = cursor === undefined ? undefined : parseMovementCursor(cursor)
  if (cursor !== undefined && !after) throw invalidAt(['query', 'cursor'], 'is not a cursor of this feed')
  // An amount means nothing without a currency, so asking for amounts asks for one currency.
  const inCurrency = currency ?? ((min_amount ?? max_amount) === undefined ? undefined : standard)
  const read = (value: string | undefined, name: string) =>
    value === undefined ? undefined : readAmount(value, inCurrency ?? standard, ['query', name])
  const instants = instantsOf({ from, to }, tz ?? timeZone)
  const filter = {
    ...{ walletIds, kind, referenceId: reference_id, currency: inCurrency, ...instants },
    minMinor: read(min_amount, 'min_amount'),
    maxMinor: read(max_amount, 'max_amount'),
  }
  const heights = await heightsBetween(readsOn(db), instants)
  return listMovements(readsOn(db), { filter, size: page_size, after, heights })
}
