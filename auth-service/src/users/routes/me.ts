import { ROLES } from '@countinghouse/shared/contracts/auth'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { invalidAt } from '@countinghouse/shared/http/problem'
import { fromWire } from '@countinghouse/shared/http/wire'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { refuse } from '../../errors.js'
import type { Visit } from '../../identity.js'
import type { Authenticate } from '../../ports.js'
import { exampleProfile, ProfileView, toProfileView } from '../../views.js'
import { change, type Deps as ChangeDeps } from '../commands/change.js'
import { getCaller } from '../commands/read.js'
import { toKey, type User } from '../domain.js'
import { profileChanges } from './fields.js'

export type Deps = ChangeDeps & { db: Connection; authenticate: Authenticate }

const MeChanges = z
  .strictObject({ ...profileChanges, current_password: z.string().max(128) })
  .partial()
  .meta({ description: 'Another e-mail address takes the current password, and is unverified' })

export const meEndpoints = (deps: Deps) =>
  ['/auth/me', '/me'].flatMap((path) => [
    endpoint({
      method: 'get',
      path,
      summary: 'Who I am',
      tag: 'Me',
      access: ROLES,
      view: ProfileView,
      refusals: ['user_gone'],
      example: { view: exampleProfile },
      handle: async ({ user }) => toProfileView(await getCaller(readsOn(deps.db), user.userId)),
    }),
    endpoint({
      method: 'patch',
      path,
      summary: 'Change my profile',
      tag: 'Me',
      access: ROLES,
      body: MeChanges,
      view: ProfileView,
      refusals: [
        ...['user_gone', 'version_conflict', 'email_taken', 'username_taken', 'wrong_password'],
        ...['too_many_attempts', 'too_many_logins'],
      ],
      example: {
        body: { phone: '+91 98450 11111' },
        view: { ...exampleProfile, phone: '+91 98450 11111', version: 2 },
      },
      handle: async ({ body: { current_password, ...body }, user, userAgent, address, ifMatch, once }) => {
        const me = await getCaller(readsOn(deps.db), user.userId)
        if (body.email !== undefined && toKey(body.email) !== me.emailKey)
          await confirm(deps, me, current_password, { device: userAgent, address })
        return once(async (tx) => {
          const current = await getCaller(tx, user.userId)
          return toProfileView(await change(tx, deps, current, { changes: fromWire(body), ifMatch }))
        })
      },
    }),
  ])

// Who holds only a token must not be able to lead the mails of a forgotten password to themselves.
const confirm = async ({ authenticate }: Deps, { email }: User, password: string | undefined, visit: Visit) => {
  if (password === undefined) throw invalidAt(['body', 'current_password'], 'field required', 'value_error.missing')
  if (!(await authenticate({ login: email, password }, visit))) throw refuse('wrong_password')
}
