import { endpoint } from '@countinghouse/shared/http/endpoint'
import { toWire } from '@countinghouse/shared/http/wire'
import { z } from 'zod'
import { exampleProfile, exampleTokens, ProfileView, TokensView, toProfileView } from '../views.js'
import { authenticate, type FindLogin, type OpenSession } from './commands.js'

export type Deps = { findLogin: FindLogin; openSession: OpenSession }

const Login = z.string().trim().min(1).max(254)

const LoginBody = z
  .strictObject({
    email: Login.optional().meta({ description: 'The e-mail address or the username' }),
    username: Login.optional().meta({ description: 'The same; one of the two is enough' }),
    password: z.string(),
  })
  .transform(({ email, username, password }, context) => {
    const login = email ?? username
    if (login !== undefined) return { login, password }
    context.addIssue({ code: 'custom', path: ['email'], message: 'send email or username' })
    return z.NEVER
  })

export const sessionEndpoints = ({ findLogin, openSession }: Deps) => [
  endpoint({
    method: 'post',
    path: '/auth/login',
    summary: 'Log in by e-mail address or username',
    tag: 'Sessions',
    access: 'public',
    headers: { 'Cache-Control': 'no-store' },
    form: true,
    body: LoginBody,
    view: z.object({ user: ProfileView, ...TokensView.shape }),
    refusals: ['invalid_credentials'],
    example: {
      body: { email: exampleProfile.email, password: 'correct horse battery' },
      view: { user: exampleProfile, ...exampleTokens },
    },
    handle: async ({ body: { login, password }, userAgent, once }) => {
      const user = await authenticate(findLogin, login, password)
      return once(async (tx) => ({ user: toProfileView(user), ...toWire(await openSession(tx, user, userAgent)) }))
    },
  }),
]
