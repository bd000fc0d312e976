import { ROLES } from '@countinghouse/shared/contracts/auth'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { z } from 'zod'
import { refuse } from '../errors.js'
import type { AskToVerify, FindUser } from '../ports.js'
import { verify, type Deps as VerifyDeps } from './commands.js'

export type Deps = VerifyDeps & { askToVerify: AskToVerify; findUser: FindUser }

const exampleToken = 'r4Qm0t0uV8mE1oB3xG7sT2yJ5kL9nP6aZcWdHfIqXvU'

export const verificationEndpoints = (deps: Deps) => [
  endpoint({
    method: 'post',
    path: '/auth/verify-email',
    summary: 'Confirm an e-mail address with the token that was mailed to it',
    tag: 'Me',
    access: 'public',
    body: z.strictObject({ token: z.string().min(1).max(512) }),
    view: z.object({ email: z.string(), email_verified: z.boolean() }),
    refusals: ['mailed_token_invalid'],
    example: { body: { token: exampleToken }, view: { email: 'asha@example.com', email_verified: true } },
    handle: ({ body: { token }, once }) =>
      once(async (tx) => {
        const { email, emailVerified } = await verify(tx, deps, token)
        return { email, email_verified: emailVerified }
      }),
  }),
  endpoint({
    method: 'post',
    path: '/auth/verify-email/resend',
    summary: 'Mail me another token, unless one went out within the last minute',
    tag: 'Me',
    access: ROLES,
    status: 202,
    view: z.object({ email: z.string() }),
    refusals: ['user_gone', 'already_verified'],
    example: { view: { email: 'asha@example.com' } },
    handle: ({ user: { userId }, once }) =>
      once(async (tx) => {
        const user = await deps.findUser(tx, userId)
        if (!user) throw refuseCommon('user_gone')
        if (user.emailVerified) throw refuse('already_verified', { email: user.email })
        await deps.askToVerify(tx, user)
        return { email: user.email }
      }),
  }),
]
