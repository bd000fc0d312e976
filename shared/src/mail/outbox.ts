import { where } from '../mongo/partial.js'
import { defineCollection } from '../mongo/collection.js'
import { insertion, type CompanionWrite } from '../mongo/companion.js'
import type { Tx } from '../mongo/transaction.js'
import { uuidv7 } from '../uuid.js'

export type Mail = { to: string; subject: string; text: string }

/** A mail that waits until `dueAt`, or is settled: sent, or given up with the last reason. */
export type MailRow = Mail & {
  _id: string
  attempts: number
  reason: string | null
  dueAt: Date | null
  settledAt: Date | null
}

const KEPT_FOR_SECONDS = 30 * 24 * 3600

export const mails = defineCollection<MailRow>(
  'mails',
  {
    to: { type: String, required: true },
    subject: { type: String, required: true },
    text: { type: String },
    attempts: { type: Number, required: true },
    reason: { type: String },
    dueAt: { type: Date },
    settledAt: { type: Date },
  },
  {
    indexes: [
      { fields: { dueAt: 1 }, options: { name: 'due', ...where('dueAt', 'date') } },
      { fields: { settledAt: 1 }, options: { expireAfterSeconds: KEPT_FOR_SECONDS } },
    ],
  },
)

/** Sends a mail if, and only if, this transaction commits; at least once. */
export const queueMail = async (tx: Tx, mail: Mail): Promise<void> => {
  await tx.insert(mails, toRow(mail))
}

/** The same as data, for an effect that commits elsewhere (the stock). */
export const mailWrite = (mail: Mail): CompanionWrite =>
  insertion(mails, toRow(mail), () => new Error('A mail has the id of another'))

const toRow = ({ to, subject, text }: Mail): MailRow => {
  assertHeaders({ to, subject })
  return { _id: uuidv7(), to, subject, text, attempts: 0, reason: null, dueAt: new Date(), settledAt: null }
}

const ONE_ADDRESS = /^[^\s@<>(),;:"[\]\\]{1,64}@[^\s@<>(),;:"[\]\\]{1,255}$/

// A line break would begin another header, and with it another recipient.
const assertHeaders = ({ to, subject }: Pick<Mail, 'to' | 'subject'>): void => {
  if (!ONE_ADDRESS.test(to) || /\p{Cc}/u.test(to)) throw new Error('A mail goes to exactly one plain address')
  if (/\p{Cc}/u.test(subject)) throw new Error('The subject of a mail is one line')
}
