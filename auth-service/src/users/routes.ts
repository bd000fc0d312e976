import { ROLES } from '@countinghouse/shared/contracts/auth'
import type { Caller } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, pageQuery, text } from '@countinghouse/shared/http/fields'
import { fromWire, toWire } from '@countinghouse/shared/http/wire'
import { readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import type { Profile, Tokens } from '../identity.js'
import { hashPassword } from '../passwords.js'
import { exampleProfile, exampleTokens, ProfileView, TokensView, toProfileView } from '../views.js'
import { admit, getCaller, getUser, register } from './commands.js'
import { USERNAME, type Applicant } from './domain.js'
import { listUsers } from './store.js'

export type Deps = {
  db: Connection
  now: () => Date
  openSession: (tx: Tx, user: Profile, device: string | undefined) => Promise<Tokens>
}

const RegisterBody = z.strictObject({
  email: z.email().max(254),
  password: z.string().min(8).max(128),
  role: z.enum(ROLES).optional(),
  username: z.string().regex(USERNAME, 'use letters, digits, dots, dashes and underscores').optional(),
  first_name: text(100).nullable().default(null),
  last_name: text(100).nullable().default(null),
  phone: text(40).nullable().default(null),
  address: text(500).nullable().default(null),
})

const { email, role, first_name, last_name, phone, address } = exampleProfile
const exampleBody = { email, password: 'correct horse battery', role, first_name, last_name, phone, address }

export const userEndpoints = ({ db, now, openSession }: Deps) => [
  endpoint({
    method: 'post',
    path: '/auth/register',
    summary: 'Sign up as customer or vendor; as an admin, add a user of any role; on a new system, become its admin',
    tag: 'Users',
    access: 'anyone',
    headers: { 'Cache-Control': 'no-store' },
    status: 201,
    body: RegisterBody,
    view: z.object({ user: ProfileView, ...TokensView.partial().shape }),
    refusals: ['unauthenticated', 'forbidden', 'email_taken', 'username_taken'],
    example: { body: exampleBody, view: { user: exampleProfile, ...exampleTokens } },
    handle: async ({ body: { password, ...body }, caller, userAgent, once }) => {
      const candidate = { applicant: applicantOf(caller), role: body.role }
      // Before the costly hash, so that nobody who may not register can make us work.
      const { by } = await admit(readsOn(db), candidate)
      const fields = {
        ...fromWire(body),
        ...candidate,
        passwordHash: await hashPassword(password),
        emailVerified: false,
      }
      return once(async (tx) => {
        const user = await register(tx, fields, now())
        const tokens = by === 'admin' ? {} : toWire(await openSession(tx, user, userAgent))
        return { user: toProfileView(user), ...tokens }
      })
    },
  }),
  ...['/auth/me', '/me'].map((path) =>
    endpoint({
      method: 'get',
      path,
      summary: 'Who I am',
      tag: 'Users',
      access: ROLES,
      view: ProfileView,
      refusals: ['user_gone'],
      example: { view: exampleProfile },
      handle: async ({ user }) => toProfileView(await getCaller(readsOn(db), user.userId)),
    }),
  ),
  endpoint({
    method: 'get',
    path: '/users',
    summary: 'List users, newest first',
    tag: 'Users',
    access: ['admin'],
    query: z.object({ ...pageQuery, role: z.enum(ROLES).optional() }),
    view: ProfileView,
    list: true,
    example: { view: [exampleProfile] },
    handle: async ({ query }) => (await listUsers(readsOn(db), query)).map(toProfileView),
  }),
  endpoint({
    method: 'get',
    path: '/users/:id',
    summary: 'Read a user',
    tag: 'Users',
    access: ['admin'],
    params: z.object({ id: Id }),
    view: ProfileView,
    refusals: ['user_not_found'],
    example: { view: exampleProfile },
    handle: async ({ params: { id } }) => toProfileView(await getUser(readsOn(db), id)),
  }),
]

const applicantOf = (caller: Caller): Applicant => {
  if (caller.kind === 'anonymous') return 'nobody'
  return caller.kind === 'user' && caller.role === 'admin' ? 'admin' : 'other'
}
