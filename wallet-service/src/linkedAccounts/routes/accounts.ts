import { Settled, endpoint } from '@countinghouse/shared/http/endpoint'
import { Id } from '@countinghouse/shared/http/fields'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { readers, refuseForeign, writers } from '../access.js'
import { addAccount, editAccount, getAccount, removeAccount } from '../commands/accounts.js'
import type { AccountReader } from '../reading.js'
import {
  AccountBody,
  AccountChange,
  AccountView,
  AccountsView,
  NetWorthView,
  examples,
  toAccountView,
} from '../views.js'

export type Deps = { db: Connection; reader: AccountReader; now: () => Date }

const tag = 'Linked accounts'
const ofUser = z.object({ userId: Id })
const ofAccount = z.object({ userId: Id, accountId: Id })
const all = '/users/:userId/accounts'
const one = '/users/:userId/accounts/:accountId'

export const linkedAccountEndpoints = (deps: Deps) => [
  listEndpoint(deps),
  worthEndpoint(deps),
  ...singleEndpoints(deps),
]

const toAnswer = (json: string): Settled => new Settled({ status: 200, json }, false)

const listEndpoint = ({ reader }: Deps) =>
  endpoint({
    ...{ method: 'get', path: all, summary: 'All accounts of a user, or those of one type', tag },
    reads: { data: 'financial', of: 'user' },
    access: readers,
    params: ofUser,
    query: z.object({ type: z.string().max(100).optional() }),
    view: AccountsView,
    example: examples.list,
    handle: async ({ params: { userId }, query: { type }, caller }) => {
      refuseForeign(caller, userId)
      return toAnswer(await reader.accounts(userId, type))
    },
  })

const worthEndpoint = ({ reader }: Deps) =>
  endpoint({
    ...{ method: 'get', path: `${all}/net-worth`, summary: 'What a user owns and owes, by currency', tag },
    reads: { data: 'financial', of: 'user' },
    access: readers,
    params: ofUser,
    view: NetWorthView,
    example: examples.netWorth,
    handle: async ({ params: { userId }, caller }) => {
      refuseForeign(caller, userId)
      return toAnswer(await reader.netWorth(userId))
    },
  })

const singleEndpoints = ({ db, now }: Deps) => [
  endpoint({
    ...{ method: 'post', path: all, summary: 'Add an account by hand', tag, status: 201, idempotent: true },
    access: writers,
    params: ofUser,
    body: AccountBody,
    view: AccountView,
    example: examples.add,
    handle: ({ params: { userId }, body, caller, once }) => {
      refuseForeign(caller, userId)
      return once(async (tx) => toAccountView(await addAccount(tx, { userId, asked: body, now: now() })))
    },
  }),
  endpoint({
    ...{ method: 'get', path: one, summary: 'One account', tag },
    reads: { data: 'financial', of: 'user' },
    access: readers,
    params: ofAccount,
    view: AccountView,
    refusals: ['account_not_found'],
    example: examples.read,
    handle: async ({ params, caller }) => {
      refuseForeign(caller, params.userId)
      return toAccountView(await getAccount(readsOn(db), params))
    },
  }),
  endpoint({
    ...{ method: 'patch', path: one, summary: 'Change an account; of one that follows its institution the name', tag },
    access: writers,
    params: ofAccount,
    body: AccountChange,
    view: AccountView,
    refusals: ['account_not_found', 'account_follows', 'version_conflict'],
    example: examples.change,
    handle: ({ params, body, caller, ifMatch, once }) => {
      refuseForeign(caller, params.userId)
      return once(async (tx) => toAccountView(await editAccount(tx, params, { asked: body, ifMatch, now: now() })))
    },
  }),
  endpoint({
    ...{ method: 'delete', path: one, summary: 'Remove an account', tag, status: 204 },
    access: writers,
    params: ofAccount,
    view: z.void(),
    refusals: ['account_not_found'],
    handle: ({ params, caller, once }) => {
      refuseForeign(caller, params.userId)
      return once((tx) => removeAccount(tx, params))
    },
  }),
]
