import { ROLES } from '@countinghouse/shared/contracts/auth'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { z } from 'zod'
import { NewPassword } from '../passwordRules.js'
import { askForReset, changePassword, resetPassword, type Deps } from './commands.js'

const exampleToken = 'r4Qm0t0uV8mE1oB3xG7sT2yJ5kL9nP6aZcWdHfIqXvU'

export const passwordEndpoints = (deps: Deps) => [
  endpoint({
    method: 'post',
    path: '/auth/change-password',
    summary: 'Change my password; all my other sessions end',
    tag: 'Me',
    access: ROLES,
    status: 204,
    body: z.strictObject({ current_password: z.string().max(1024), new_password: NewPassword }),
    view: z.void(),
    refusals: ['user_gone', 'wrong_password', 'too_many_attempts', 'too_many_logins'],
    example: { body: { current_password: 'correct horse battery', new_password: 'a stapled horse' } },
    handle: ({ body: { current_password, new_password }, user: { userId, sessionId }, userAgent, address }) =>
      changePassword(
        deps,
        { userId, sessionId, currentPassword: current_password, newPassword: new_password },
        { device: userAgent, address },
      ),
  }),
  endpoint({
    method: 'post',
    path: '/auth/forgot-password',
    summary: 'Mail a token for a new password, if there is such a user; the answer does not tell',
    tag: 'Sessions',
    access: 'public',
    status: 202,
    body: z.strictObject({ email: z.string().trim().min(1).max(254) }),
    view: z.object({ email: z.string() }),
    example: { body: { email: 'asha@example.com' }, view: { email: 'asha@example.com' } },
    handle: async ({ body: { email } }) => {
      await askForReset(deps, email)
      return { email }
    },
  }),
  endpoint({
    method: 'post',
    path: '/auth/reset-password',
    summary: 'Choose a new password with the token that was mailed; all sessions end',
    tag: 'Sessions',
    access: 'public',
    status: 204,
    body: z.strictObject({ token: z.string().min(1).max(512), new_password: NewPassword }),
    view: z.void(),
    refusals: ['mailed_token_invalid', 'user_gone', 'too_many_logins'],
    example: { body: { token: exampleToken, new_password: 'a stapled horse' } },
    handle: ({ body: { token, new_password }, address }) =>
      resetPassword(deps, { token, newPassword: new_password, address }),
  }),
]
