import { endpoint } from '@countinghouse/shared/http/endpoint'
import { toWire } from '@countinghouse/shared/http/wire'
import { z } from 'zod'
import { exampleProfile, exampleTokens, ProfileView, TokensView, toProfileView } from '../views.js'
import { logIn, type Deps } from './commands/logIn.js'

const Name = z.string().trim().min(1).max(254)

const LoginBody = z
  .strictObject({
    email: Name.optional().meta({ description: 'The e-mail address or the username' }),
    username: Name.optional().meta({ description: 'The same; one of the two is enough' }),
    password: z.string().max(1024),
  })
  .transform(({ email, username, password }, context) => {
    const login = email ?? username
    if (login !== undefined) return { login, password }
    context.addIssue({ code: 'custom', path: ['email'], message: 'send email or username' })
    return z.NEVER
  })

export const loginEndpoints = (deps: Deps) => [
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
    refusals: ['invalid_credentials', 'too_many_attempts', 'too_many_logins'],
    example: {
      body: { email: exampleProfile.email, password: 'correct horse battery' },
      view: { user: exampleProfile, ...exampleTokens },
    },
    handle: async ({ body, userAgent, address }) => {
      const { user, tokens } = await logIn(deps, body, { device: userAgent, address })
      return { user: toProfileView(user), ...toWire(tokens) }
    },
  }),
]
