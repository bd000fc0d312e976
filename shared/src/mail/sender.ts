import { isDueBy } from '../mongo/partial.js'
import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from 'mongoose'
import type { Log } from '../log.js'
import { counter, gauge } from '../metrics.js'
import { native } from '../mongo/transaction.js'
import { repeat } from '../repeat.js'
import type { Background } from '../service.js'
import { mails, type MailRow } from './outbox.js'
import type { MailPort } from './port.js'

export type SenderDeps = { db: Connection; port: MailPort; log: Log; now: () => Date }

const LOOK_EVERY_MS = 1_000
const STOP_WITHIN_MS = 2_000
const MINUTE_MS = 60_000
/** The gaps after each attempt; the first is longer than any attempt can take. */
const GAPS_MS = [1, 5, 15, 60, 4 * 60, 12 * 60, 24 * 60].map((minutes) => minutes * MINUTE_MS)

const outcomes = counter('mails_total', 'Attempts to send a mail', { result: ['sent', 'failed', 'given_up'] })
const waiting = gauge('mails_waiting', 'Mails that wait to be sent')

/** Sends what waits, each mail by one of the replicas at a time. */
export const startMailSender = (deps: SenderDeps): Background => {
  const failure = 'Mails could not be looked for; trying again'
  const sending = repeat({ everyMs: LOOK_EVERY_MS, work: (signal) => sendDue(deps, signal), log: deps.log, failure })
  return {
    stop: async () => {
      // A server that says nothing must not hold up the stop; what was not marked is sent again.
      await Promise.race([sending.stop(), pause(STOP_WITHIN_MS, undefined, { ref: false })])
      deps.port.close()
    },
  }
}

/** Sends every mail that is due. */
export const sendDue = async (deps: SenderDeps, signal?: AbortSignal): Promise<void> => {
  while (!signal?.aborted) {
    const mail = await claimNext(deps)
    if (!mail) break
    await attempt(deps, mail)
  }
  waiting.set(await native(deps.db, mails).countDocuments({ dueAt: { $type: 'date' } }, { limit: 10_000 }))
}

// Claiming a mail puts its next attempt off: nobody else takes it meanwhile, and after a crash it comes up again. So a
// crash between the sending and the mark sends twice and loses nothing.
const claimNext = async ({ db, now }: SenderDeps): Promise<MailRow | undefined> => {
  const claim = {
    attempts: { $add: ['$attempts', 1] },
    dueAt: { $add: [now(), { $arrayElemAt: [GAPS_MS, { $min: ['$attempts', GAPS_MS.length - 1] }] }] },
  }
  const claimed = await native(db, mails).findOneAndUpdate({ dueAt: isDueBy(now()) }, [{ $set: claim }], {
    sort: { dueAt: 1 },
    returnDocument: 'after',
  })
  return claimed ?? undefined
}

const attempt = async ({ db, port, log, now }: SenderDeps, mail: MailRow): Promise<void> => {
  const mark = (fields: Partial<MailRow>) =>
    native(db, mails).updateOne({ _id: mail._id, settledAt: null }, { $set: fields })
  try {
    await port.send(mail)
    await mark({ dueAt: null, settledAt: now(), reason: null, ...(port.delivers && { text: '' }) })
    outcomes.inc({ result: 'sent' })
  } catch (error) {
    const isLast = mail.attempts > GAPS_MS.length || isForGood(error)
    await mark({ reason: String(error), ...(isLast && { dueAt: null, settledAt: now() }) })
    outcomes.inc({ result: isLast ? 'given_up' : 'failed' })
    log.warn(
      { err: error, mail: mail._id, attempts: mail.attempts },
      isLast ? 'A mail is given up' : 'A mail must wait',
    )
  }
}

// The server has said no to this recipient or this text, and would again.
const isForGood = (error: unknown): boolean => {
  const { command = '', responseCode = 0 } = error as { command?: string; responseCode?: number }
  return ['RCPT TO', 'DATA'].includes(command) && responseCode >= 500
}
