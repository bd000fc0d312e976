import type { Caller } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { fromWire, toWire } from '@countinghouse/shared/http/wire'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { hashPassword } from '../../passwordHash.js'
import { assertGoodPassword } from '../../passwordRules.js'
import type { AskToVerify, OpenSession } from '../../ports.js'
import { exampleProfile, exampleTokens, ProfileView, TokensView, toProfileView } from '../../views.js'
import { admit, register, type Registration } from '../commands/register.js'
import type { Applicant } from '../domain.js'
import { exampleRegistration, RegisterBody } from './fields.js'

export type Deps = { db: Connection; now: () => Date; openSession: OpenSession; askToVerify: AskToVerify }

export const registrationEndpoints = (deps: Deps) => [
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
    refusals: ['unauthenticated', 'forbidden', 'email_taken', 'username_taken', 'too_many_logins'],
    example: { body: exampleRegistration, view: { user: exampleProfile, ...exampleTokens } },
    handle: async ({ body, caller, userAgent, address, once }) => {
      const { registration, by } = await prepare(deps, body, applicantOf(caller))
      return once(async (tx) => {
        const user = await register(tx, registration, deps.now())
        await deps.askToVerify(tx, user)
        const tokens = by === 'admin' ? {} : toWire(await deps.openSession(tx, user, { device: userAgent, address }))
        return { user: toProfileView(user), ...tokens }
      })
    },
  }),
  endpoint({
    method: 'post',
    path: '/users',
    summary: 'Add a user of any role',
    tag: 'Users',
    access: ['admin'],
    status: 201,
    body: RegisterBody,
    view: ProfileView,
    refusals: ['email_taken', 'username_taken', 'too_many_logins'],
    example: { body: exampleRegistration, view: exampleProfile },
    handle: async ({ body, once }) => {
      const { registration } = await prepare(deps, body, 'admin')
      return once(async (tx) => {
        const user = await register(tx, registration, deps.now())
        await deps.askToVerify(tx, user)
        return toProfileView(user)
      })
    },
  }),
]

type Body = z.output<typeof RegisterBody>

const prepare = async ({ db }: Deps, { password, ...body }: Body, applicant: Applicant) => {
  const candidate = { applicant, role: body.role }
  // Before the costly hash, so that nobody who may not register can make us work.
  const { by } = await admit(readsOn(db), candidate)
  assertGoodPassword({ password, field: 'password', email: body.email, username: body.username })
  const passwordHash = await hashPassword(password)
  const registration: Registration = { ...fromWire(body), ...candidate, passwordHash, emailVerified: false }
  return { registration, by }
}

const applicantOf = (caller: Caller): Applicant => {
  if (caller.kind === 'anonymous') return 'nobody'
  return caller.kind === 'user' && caller.role === 'admin' ? 'admin' : 'other'
}
