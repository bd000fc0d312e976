import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Connection } from 'mongoose'
import { createLog } from '../log.js'
import { inTransaction, native, readsOn } from '../mongo/transaction.js'
import { freshDatabase } from '../testing/database.js'
import { mails, queueMail, type MailRow } from './outbox.js'
import { createMailPort, type MailPort } from './port.js'
import { sendDue } from './sender.js'

const MINUTE_MS = 60_000
const MAIL_FROM = 'Countinghouse <house@countinghouse.test>'
const mail = { to: 'raj@example.com', subject: 'Confirm your address', text: 'https://house.test/verify/s3cret' }

/** A small SMTP server: keeps what it takes, and answers RCPT or the end of DATA as told. */
const openPostOffice = async () => {
  const office = {
    taken: [] as string[],
    onRecipient: '250 ok',
    onText: '250 ok',
    url: '',
    close: () => server.close(),
  }
  const serve = (socket: Socket): void => {
    let buffer = ''
    let text: string[] | undefined
    const answer = (line: string): string => {
      if (text && line !== '.') text.push(line)
      if (text && line === '.') return endText(text)
      if (text) return ''
      if (line.startsWith('RCPT')) return office.onRecipient
      if (line === 'DATA') text = []
      return line === 'DATA' ? '354 go on' : line === 'QUIT' ? '221 bye' : '250 ok'
    }
    const endText = (lines: string[]): string => {
      if (office.onText.startsWith('2')) office.taken.push(lines.join('\n'))
      text = undefined
      return office.onText
    }
    socket.write('220 post office\r\n')
    socket
      .on('error', () => undefined)
      .on('data', (chunk) => {
        const lines = (buffer + chunk.toString()).split('\r\n')
        buffer = lines.pop() ?? ''
        for (const line of lines) {
          const reply = answer(line)
          if (reply) socket.write(`${reply}\r\n`)
        }
      })
  }
  const server = createServer(serve)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  office.url = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`
  return office
}

const log = createLog('test', 'silent')
let database: Awaited<ReturnType<typeof freshDatabase>>
let db: Connection
let office: Awaited<ReturnType<typeof openPostOffice>>
let port: MailPort

beforeAll(async () => {
  ;[database, office] = await Promise.all([freshDatabase(mails), openPostOffice()])
  db = database.db
  port = createMailPort({ SMTP_URL: office.url, MAIL_FROM }, log)
})
afterAll(async () => {
  port.close()
  office.close()
  await database.close()
})
beforeEach(async () => {
  Object.assign(office, { taken: [], onRecipient: '250 ok', onText: '250 ok' })
  await native(db, mails).deleteMany({})
})

const queue = (more: Partial<typeof mail> = {}) => inTransaction(db, (tx) => queueMail(tx, { ...mail, ...more }))
const inMinutes = (minutes: number, through = port) =>
  sendDue({ db, log, port: through, now: () => new Date(Date.now() + minutes * MINUTE_MS) })
const stored = async () => (await readsOn(db).find(mails, {}))[0]

describe('a mail', () => {
  test('reaches the server once, and no copy of its secrets stays behind', async () => {
    await queue()
    await Promise.all([inMinutes(0), inMinutes(0)])
    await inMinutes(10_000)
    expect(office.taken).toHaveLength(1)
    const { _id } = (await stored()) ?? {}
    for (const part of [
      `From: ${MAIL_FROM}`,
      'To: raj@example.com',
      `Subject: ${mail.subject}`,
      `<${_id ?? ''}@`,
      mail.text,
    ])
      expect(office.taken[0]).toContain(part)
    expect(await stored()).toMatchObject({ dueAt: null, settledAt: expect.any(Date), text: '', attempts: 1 })
  })

  test('of a transaction that fails is never sent', async () => {
    const failing = inTransaction(db, async (tx) => {
      await queueMail(tx, mail)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await inMinutes(0)
    expect(office.taken).toEqual([])
  })

  test('that the server puts off is tried again with growing gaps, and given up with the reason in the end', async () => {
    office.onText = '451 later'
    await queue()
    const tries: number[] = []
    for (const minutes of [0, 0.5, 1.5, 5, 7, 25, 90, 400, 1_200, 3_000, 9_000]) {
      await inMinutes(minutes)
      tries.push((await stored())?.attempts ?? 0)
    }
    expect(tries).toEqual([1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 8])
    expect(await stored()).toMatchObject({ dueAt: null, settledAt: expect.any(Date), text: mail.text })
    expect((await stored())?.reason).toContain('451 later')
  })

  test('for an address that the server does not know is given up at once', async () => {
    office.onRecipient = '550 no such user'
    await queue()
    await inMinutes(0)
    expect(await stored()).toMatchObject({ dueAt: null, attempts: 1, settledAt: expect.any(Date) })
  })

  test('whose sender fails between the sending and the mark is sent again, under the same id', async () => {
    await queue()
    const dying = async (row: MailRow) => {
      await port.send(row)
      throw new Error('died')
    }
    await inMinutes(0, { ...port, send: dying })
    await inMinutes(0)
    expect(office.taken).toHaveLength(1)
    await inMinutes(2)
    const ids = office.taken.map((text) => /Message-ID: (.*)/i.exec(text)?.[1])
    expect(ids).toEqual([ids[0], ids[0]])
  })

  test.each([
    { to: 'raj@example.com\r\nBcc: all@example.com' },
    { to: 'raj@example.com, eve@example.com' },
    { to: 'raj@example.com\u0000' },
    { to: 'Raj <raj@example.com>' },
    { subject: 'Hello\r\nBcc: all@example.com' },
  ])('that would carry headers of its own is refused: %j', async (more) => {
    await expect(queue(more)).rejects.toThrow(/mail/)
    expect(await stored()).toBeUndefined()
  })
})

describe('without an SMTP server', () => {
  test('a mail is a file that only the developer reads, and a line of the log without its text', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mails-'))
    const lines: string[] = []
    const listening = createLog('test', 'info', { write: (line) => void lines.push(line) })
    await queue()
    await inMinutes(0, createMailPort({ MAIL_FROM, MAIL_FOLDER: join(folder, 'mail') }, listening))
    const [name = ''] = await readdir(join(folder, 'mail'))
    const file = join(folder, 'mail', name)
    expect(await readFile(file, 'utf8')).toContain('https://house.test/verify')
    expect((await stat(file)).mode & 0o077).toBe(0)
    expect(lines.join()).toContain(mail.subject)
    expect(lines.join()).not.toContain('s3cret')
    expect(await stored()).toMatchObject({ dueAt: null, text: mail.text })
    await rm(folder, { recursive: true })
  })
})
