import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, feedQuery } from '@countinghouse/shared/http/fields'
import { JobView, jobEndpoints, jobReadEndpoint, toJobView } from '@countinghouse/shared/jobs/routes'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { readers, refuseForeign, writers } from '../access.js'
import { getAccount } from '../commands/accounts.js'
import { syncAll, syncOne } from '../commands/links.js'
import { editMovement } from '../commands/movements.js'
import { MovementChange, MovementView, examples, toMovementView } from '../linkViews.js'
import { listMovements } from '../store/movements.js'

export type Deps = { db: Connection; now: () => Date }

const tag = 'Linked accounts'
const all = '/users/:userId/accounts'
const one = '/users/:userId/accounts/:accountId'
const ofAccount = z.object({ userId: Id, accountId: Id })

export const syncEndpoints = (deps: Deps) => [
  ...startEndpoints(deps),
  ...movementEndpoints(deps),
  jobReadEndpoint(deps, '/account-sync/:id'),
  ...jobEndpoints(deps),
]

const begin = { method: 'post', tag, access: writers, status: 202, idempotent: true, view: JobView } as const

const startEndpoints = ({ now }: Deps) => [
  endpoint({
    ...begin,
    ...{ path: `${all}/sync`, summary: 'Sync all accounts of a user with their institutions' },
    params: z.object({ userId: Id }),
    example: examples.sync,
    handle: ({ params: { userId }, caller, once }) => {
      refuseForeign(caller, userId)
      return once(async (tx) => toJobView(await syncAll(tx, userId, now())))
    },
  }),
  endpoint({
    ...begin,
    ...{ path: `${one}/sync`, summary: 'Sync the connection that an account comes through' },
    params: ofAccount,
    refusals: ['account_not_found'],
    example: examples.sync,
    handle: ({ params, caller, once }) => {
      refuseForeign(caller, params.userId)
      return once(async (tx) => toJobView(await syncOne(tx, params, now())))
    },
  }),
]

const movementEndpoints = ({ db, now }: Deps) => [
  endpoint({
    ...{ method: 'get', path: `${one}/transactions`, summary: 'What moved on an account, newest first', tag },
    reads: { data: 'financial', of: 'user' },
    access: readers,
    params: ofAccount,
    query: z.object(feedQuery),
    view: MovementView,
    list: true,
    refusals: ['account_not_found'],
    example: examples.movements,
    handle: async ({ params, query, caller }) => {
      refuseForeign(caller, params.userId)
      const { _id: accountId } = await getAccount(readsOn(db), params)
      return (await listMovements(readsOn(db), { ...query, accountId })).map(toMovementView)
    },
  }),
  endpoint({
    ...{ method: 'patch', path: `${one}/transactions/:id`, summary: 'Name the category of a movement, or note something', tag }, // prettier-ignore
    access: writers,
    params: ofAccount.extend({ id: z.string().min(1).max(300) }),
    body: MovementChange,
    view: MovementView,
    refusals: ['transaction_not_found'],
    example: examples.edit,
    handle: ({ params, body, caller, once }) => {
      refuseForeign(caller, params.userId)
      return once(async (tx) => toMovementView(await editMovement(tx, params, body, now())))
    },
  }),
]
