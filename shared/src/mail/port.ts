import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import type { Log } from '../log.js'
import type { Mail } from './outbox.js'

/** Where mails leave the system. */
export type MailPort = {
  /** Whether what was handed over is delivered, so that no copy of its text need be kept. */
  readonly delivers: boolean
  send(mail: Mail & { _id: string }): Promise<void>
  close(): void
}

export type MailSettings = {
  readonly SMTP_URL?: string | undefined
  readonly MAIL_FROM: string
  readonly MAIL_FOLDER?: string | undefined
}

const TIMEOUTS = { connectionTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 5_000 }
const NO_ATTACHED_SECRETS = { disableFileAccess: true, disableUrlAccess: true }

/** Sends by the SMTP server of the settings; without one, mails become lines of the log and files of `MAIL_FOLDER`. */
export const createMailPort = (settings: MailSettings, log: Log): MailPort =>
  settings.SMTP_URL ? smtpPort(settings.SMTP_URL, settings.MAIL_FROM) : logPort(settings, log)

const smtpPort = (url: string, from: string): MailPort => {
  const transport = createTransport({ url, ...TIMEOUTS, ...NO_ATTACHED_SECRETS })
  return {
    delivers: true,
    send: async (mail) => {
      await transport.sendMail(toMessage(mail, from))
    },
    close: () => {
      transport.close()
    },
  }
}

const logPort = ({ MAIL_FROM: from, MAIL_FOLDER: folder }: MailSettings, log: Log): MailPort => {
  const transport = createTransport({ streamTransport: true, buffer: true, ...NO_ATTACHED_SECRETS })
  return {
    delivers: false,
    send: async (mail) => {
      const file = folder && join(folder, `${mail._id}.eml`)
      if (folder && file) {
        const { message } = await transport.sendMail(toMessage(mail, from))
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await writeFile(file, message as Buffer, { mode: 0o600 })
      }
      log.info({ to: mail.to, subject: mail.subject, file }, 'A mail that no SMTP_URL takes')
    },
    close: () => undefined,
  }
}

// The id travels along, so that a mail that is sent twice is recognised as one.
const toMessage = ({ _id, to, subject, text }: Mail & { _id: string }, from: string) => ({
  from,
  to: { name: '', address: to },
  subject,
  text,
  messageId: `<${_id}@countinghouse>`,
})
