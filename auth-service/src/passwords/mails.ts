import type { Mail } from '@countinghouse/shared/mail/outbox'

export type Letter = { to: string; name: string }

export const resetMail = ({
  to,
  name,
  token,
  appUrl,
}: Letter & { token: string; appUrl: string | undefined }): Mail => ({
  to,
  subject: 'Choose a new password',
  text: `Hello ${name},

${appUrl === undefined ? `your code for a new password is ${token}` : `choose a new password here: ${appUrl}/reset-password?token=${token}`}

It is good for one hour and works once. If you did not ask for it, ignore this mail: your password stays as it is.
`,
})

export const changedMail = ({ to, name }: Letter): Mail => ({
  to,
  subject: 'Your password was changed',
  text: `Hello ${name},

your password was changed just now, and you are logged out on other devices. If it was not you, ask for a new password
at once ("forgot password") and tell us.
`,
})
