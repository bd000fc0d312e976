import type { Mail } from '@countinghouse/shared/mail/outbox'

export type Letter = { to: string; name: string; token: string; appUrl: string | undefined }

export const verificationMail = ({ to, name, token, appUrl }: Letter): Mail => ({
  to,
  subject: 'Confirm your e-mail address',
  text: `Hello ${name},

${appUrl === undefined ? `your confirmation code is ${token}` : `confirm your e-mail address here: ${appUrl}/verify-email?token=${token}`}

It is good for three days. If you did not sign up, ignore this mail.
`,
})
