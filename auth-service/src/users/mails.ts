import type { Mail } from '@countinghouse/shared/mail/outbox'

export type Move = { from: string; to: string; name: string }

/** Goes to the old address: who did not ask for this still hears of it. */
export const movedMail = ({ from, to, name }: Move): Mail => ({
  to: from,
  subject: 'Your e-mail address was changed',
  text: `Hello ${name},

from now on we write to ${to}. If it was not you, tell us at once.
`,
})
