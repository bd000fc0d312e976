import { ROLES } from '@countinghouse/shared/contracts/auth'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, orderingBy, pageQuery, text } from '@countinghouse/shared/http/fields'
import { fromWire } from '@countinghouse/shared/http/wire'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { exampleProfile, ProfileView, toProfileView } from '../../views.js'
import { change, remove, type Deps as ChangeDeps } from '../commands/change.js'
import { getUser } from '../commands/read.js'
import { listUsers } from '../store.js'
import { profileChanges } from './fields.js'

export type Deps = ChangeDeps & { db: Connection }

const Status = z.enum(['active', 'deactivated'])
const UserChanges = z.strictObject({ ...profileChanges, role: z.enum(ROLES), status: Status }).partial()
const Ordering = orderingBy(
  { created_at: '_id', email: 'emailKey', username: 'usernameKey', role: 'role', last_login_at: 'lastLoginAt' },
  '-created_at',
)
const params = z.object({ id: Id })

export const userEndpoints = (deps: Deps) => [
  endpoint({
    method: 'get',
    path: '/users',
    reads: { data: 'personal', of: 'user' },
    summary: 'List users, newest first unless ordered otherwise',
    tag: 'Users',
    access: ['admin'],
    query: z.object({
      ...pageQuery,
      role: z.enum(ROLES).optional(),
      status: Status.optional(),
      search: text(100).optional().meta({ description: 'Part of an e-mail address, a username or a name' }),
      ordering: Ordering,
    }),
    view: ProfileView,
    list: true,
    example: { view: [exampleProfile] },
    handle: async ({ query: { ordering, ...query } }) =>
      (await listUsers(readsOn(deps.db), { ...query, sort: ordering })).map(toProfileView),
  }),
  endpoint({
    method: 'get',
    path: '/users/:id',
    reads: { data: 'personal', of: 'user' },
    summary: 'Read a user',
    tag: 'Users',
    access: ['admin'],
    params,
    view: ProfileView,
    refusals: ['user_not_found'],
    example: { view: exampleProfile },
    handle: async ({ params: { id } }) => toProfileView(await getUser(readsOn(deps.db), id)),
  }),
  endpoint({
    method: 'patch',
    path: '/users/:id',
    summary: 'Change a user: the profile, the role, or whether they may log in',
    tag: 'Users',
    access: ['admin'],
    params,
    body: UserChanges,
    view: ProfileView,
    refusals: ['user_not_found', 'version_conflict', 'email_taken', 'username_taken', 'last_admin'],
    example: { body: { status: 'deactivated' }, view: { ...exampleProfile, status: 'deactivated', version: 2 } },
    handle: async ({ params: { id }, body, ifMatch, once }) =>
      once(async (tx) =>
        toProfileView(await change(tx, deps, await getUser(tx, id), { changes: fromWire(body), ifMatch })),
      ),
  }),
  endpoint({
    method: 'delete',
    path: '/users/:id',
    summary: 'End a user for good; what others recorded of them stays',
    tag: 'Users',
    access: ['admin'],
    status: 204,
    params,
    view: z.void(),
    refusals: ['user_not_found', 'last_admin'],
    handle: async ({ params: { id }, once }) => once(async (tx) => remove(tx, deps, await getUser(tx, id))),
  }),
]
