import { createServer, type RequestListener, type Server } from 'node:http'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createVault, encryptionKeys } from '@countinghouse/shared/crypto'
import { watchFaultPoints } from '@countinghouse/shared/fault'
import { jobs, type Job } from '@countinghouse/shared/jobs/store'
import { createLog } from '@countinghouse/shared/log'
import { native, readsOn } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { freePort, startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { uniqueName } from '@countinghouse/shared/testing/servers'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { walletService, walletSync } from '../app.js'
import { changesOf } from '../institution/domain.js'
import { createInstitution } from '../institution/server.js'
import { userClient } from '../testing/client.js'
import { sealContextOf } from './commands/links.js'
import { accountLinks, linkSyncs } from './store/links.js'
import { accountMovements } from './store/movements.js'
import { renewSeals } from './sync/seals.js'

/** For the institution a second is over when it has asked somebody to wait, however long anything takes. */
const atItsOwnPace = (): RequestListener => {
  let seconds = 0
  const institution = createInstitution(() => new Date(seconds * 1_000))
  return (request, response) => {
    response.once('finish', () => (seconds += response.statusCode === 429 ? 1 : 0))
    institution(request, response)
  }
}

let institution: Server
let institutionUrl: string
let service: TestService
const workers: TestService[] = []
beforeAll(async () => {
  const port = await freePort()
  institutionUrl = `http://127.0.0.1:${port.toString()}`
  institution = createServer(atItsOwnPace()).listen(port, '127.0.0.1')
  const settings = { INSTITUTION_URL: institutionUrl, MONGODB_DATABASE: uniqueName('test') }
  service = await startTestService(walletService, settings)
  const beside = { ...settings, RABBITMQ_URL: service.rabbitmqUrl }
  workers.push(...(await Promise.all([startTestService(walletSync, beside), startTestService(walletSync, beside)])))
})
afterAll(async () => {
  watchFaultPoints(undefined)
  for (const one of [...workers, service]) await one.close()
  institution.closeAllConnections()
  institution.close()
})

type Link = { id: string; status: string; job: JobAnswer }
type JobAnswer = { id: string; status: string; result: { links: object[] } | null; error: { code: string } | null }
type Movement = { id: string; date: string; pending: boolean; amount: number; category: string; note: string | null }

/** Somebody with a connection of the kind that a customer of the institution gets. */
const connected = async (username = 'user_good', userId: string = uuidv7()) => {
  const api = userClient(service, 'customer', userId)
  const base = `/users/${userId}/accounts`
  const asked = { institution: 'sandbox', username, password: 'pass_good' }
  const { status, body } = await api.send('post', `${base}/links`, asked)
  expect([status, body]).toEqual([201, body])
  return { api, base, userId, username, link: body as Link }
}
type Person = Awaited<ReturnType<typeof connected>>

const ended = ({ api }: Person, jobId: string): Promise<JobAnswer> =>
  eventually(async () => {
    const { status, body } = await api.get(`/account-sync/${jobId}`)
    const job = body as JobAnswer
    expect([status, ['succeeded', 'failed'].includes(job.status)]).toEqual([200, true])
    return job
  }, 20_000)
const synced = async (person: Person): Promise<JobAnswer> => {
  const { status, body } = await person.api.send('post', `${person.base}/sync`)
  expect(status).toBe(202)
  return ended(person, (body as JobAnswer).id)
}
const accountsOf = async ({ api, base }: Person) =>
  ((await api.get(base)).body as { accounts: { id: string; type: string; balance: number; accountName: string }[] })
    .accounts
const movementsOf = async (person: Person): Promise<Movement[]> => {
  const [card] = await accountsOf(person)
  return (await person.api.get(`${person.base}/${card?.id ?? ''}/transactions?page_size=100`)).body as Movement[]
}
const passDays = async (username: string, days: number) => {
  await fetch(`${institutionUrl}/sandbox/pass-days`, { method: 'POST', body: JSON.stringify({ username, days }) })
}

test('whoever connects to an institution finds the accounts there, and what moved on them', async () => {
  const person = await connected()
  expect(await ended(person, person.link.job.id)).toMatchObject({
    status: 'succeeded',
    result: { links: [{ outcome: 'succeeded', accounts: 3, added: 15, removed: 6 }] },
  })
  expect(await accountsOf(person)).toEqual([
    expect.objectContaining({ type: 'credit', accountName: 'Sandbox Card', balance: 45 }),
    expect.objectContaining({ type: 'checking', accountName: 'Sandbox Checking', balance: 2500.75 }),
  ])
  const movements = await movementsOf(person)
  expect(movements.map(({ pending }) => pending)).toEqual([true, true, true, ...Array<boolean>(6).fill(false)])
  expect(movements[8]).toMatchObject({ date: '2026-01-01', amount: -4.03, category: 'restaurants' })
})

test('what a user wrote on a pending movement stands on the posted one', async () => {
  const person = await connected('user_of_edits')
  await ended(person, person.link.job.id)
  const [card] = await accountsOf(person)
  const [pending] = await movementsOf(person)
  const path = `${person.base}/${card?.id ?? ''}/transactions/${encodeURIComponent(pending?.id ?? '')}`
  expect((await person.api.send('patch', path, { note: 'with Ben', category: 'treats' })).status).toBe(200)
  await passDays('user_of_edits', 1)
  await synced(person)
  const noted = (await movementsOf(person)).filter(({ note }) => note !== null)
  expect(noted).toEqual([
    expect.objectContaining({ date: pending?.date, pending: false, category: 'treats', note: 'with Ben' }),
  ])
})

test('a renamed account keeps its name, one that was taken out stays out, and what the institution says is not for the user to change', async () => {
  const person = await connected('user_of_names')
  await ended(person, person.link.job.id)
  const [card, checking] = await accountsOf(person)
  await person.api.send('patch', `${person.base}/${card?.id ?? ''}`, { accountName: 'My card' })
  expect((await person.api.send('patch', `${person.base}/${card?.id ?? ''}`, { balance: 0 })).status).toBe(409)
  const { authorization } = { authorization: `Bearer ${service.tokens.userToken('customer', person.userId)}` }
  await fetch(`${service.url}${person.base}/${checking?.id ?? ''}`, { method: 'DELETE', headers: { authorization } })
  await passDays('user_of_names', 1)
  await synced(person)
  expect(await accountsOf(person)).toEqual([expect.objectContaining({ accountName: 'My card', balance: 60 })])
})

const allOf = (username: string, days: number) =>
  changesOf({ username, days }).flatMap((change) => (change.kind === 'added' ? [change.told] : []))

test('workers that die at any point of a page leave rows and cursor together: in the end all is there, and nothing twice', async () => {
  const left = ['account-sync:rows-written', 'account-sync:before-commit', 'account-sync:page-committed']
  watchFaultPoints((name) => {
    if (name !== left[0]) return
    left.shift()
    throw new Error(`died at ${name}`)
  })
  const person = await connected('user_busy')
  const checkTogether = async () => {
    const [link, rows] = await Promise.all([
      readsOn(service.db).findOne(accountLinks, { _id: person.link.id }),
      readsOn(service.db).count(accountMovements, { linkId: person.link.id }),
    ])
    return { cursor: Number(link?.cursor ?? 0), rows }
  }
  // Each attempt that fails waits longer for the next; the test does not.
  const hurry = setInterval(() => {
    const open = { _id: person.link.job.id, status: 'queued' as const, claimableAt: { $type: 'date' as const } }
    void native(service.db, jobs).updateOne(open, { $set: { claimableAt: new Date(0) } })
  }, 100)
  const job = await ended(person, person.link.job.id).finally(() => {
    clearInterval(hurry)
  })
  watchFaultPoints(undefined)
  expect([left, job.status]).toEqual([[], 'succeeded'])
  const everything = changesOf({ username: 'user_busy', days: 400 }).length
  const expected = new Set(allOf('user_busy', 400).map(({ transaction_id }) => transaction_id)).size
  expect(await checkTogether()).toEqual({ cursor: everything, rows: expected })
})

test('a link has one sync at a time, however many ask, and each gets the job that does it', async () => {
  const person = await connected('user_slow')
  const asked = await Promise.all(Array.from({ length: 10 }, () => person.api.send('post', `${person.base}/sync`)))
  expect(asked.map(({ status }) => status)).toEqual(Array(10).fill(202))
  const ids = new Set(asked.map(({ body }) => (body as JobAnswer).id))
  expect([...ids]).toEqual([person.link.job.id])
  await ended(person, person.link.job.id)
  expect(await readsOn(service.db).count(linkSyncs, { linkId: person.link.id })).toBe(1)
  const again = (await person.api.send('post', `${person.base}/sync`)).body as JobAnswer
  expect(again.id).not.toBe(person.link.job.id)
  await ended(person, again.id)
})

test('a sync that was cancelled writes nothing any more, and does not stand in the way of the next', async () => {
  const person = await connected('user_slow')
  expect((await person.api.send('post', `/jobs/${person.link.job.id}/cancel`)).status).toBe(200)
  const next = (await person.api.send('post', `${person.base}/sync`)).body as JobAnswer
  expect(next.id).not.toBe(person.link.job.id)
  expect(await ended(person, next.id)).toMatchObject({ result: { links: [{ added: 15, removed: 6 }] } })
  const history = await readsOn(service.db).find(linkSyncs, { linkId: person.link.id })
  expect(history.map(({ jobId }) => jobId)).toEqual([next.id])
})

test('an institution that fails or wants to be asked less is asked again later, and its history says so', async () => {
  const check = async (username: string) => {
    const person = await connected(username)
    expect((await ended(person, person.link.job.id)).status).toBe('succeeded')
    const { body } = await person.api.get(`${person.base}/links/${person.link.id}/syncs`)
    const outcomes = (body as { outcome: string }[]).map(({ outcome }) => outcome)
    expect(outcomes).toEqual(['succeeded', 'failed'])
  }
  await Promise.all(['user_flaky', 'user_limited'].map(check))
})

test('a login that ran out stops the sync until its user logs in again; then it goes on where it stood', async () => {
  const person = await connected('user_expiring')
  await ended(person, person.link.job.id)
  await passDays('user_expiring', 1)
  expect(await synced(person)).toMatchObject({ status: 'failed', error: { code: 'login_required' } })
  expect((await person.api.get(`${person.base}/links`)).body).toMatchObject([{ status: 'login_required' }])
  const credentials = { username: 'user_expiring', password: 'pass_good' }
  const { body } = await person.api.send('post', `${person.base}/links/${person.link.id}/login`, credentials)
  expect(await ended(person, (body as Link).job.id)).toMatchObject({
    status: 'succeeded',
    result: { links: [{ added: 6, removed: 3 }] },
  })
})

test('wrong credentials connect nobody, and an institution that is away says so', async () => {
  const api = userClient(service, 'customer', 'nobody')
  const connect = (more: object) => api.send('post', '/users/nobody/accounts/links', { institution: 'sandbox', username: 'user_good', password: 'pass_good', ...more }) // prettier-ignore
  expect((await connect({ password: 'wrong' })).body).toMatchObject({ status: 422, code: 'credentials_rejected' })
  expect((await connect({ institution: 'elsewhere' })).body).toMatchObject({ status: 422, code: 'institution_unknown' })
})

test('who has no connection is told at once that there was nothing to sync', async () => {
  const api = userClient(service, 'customer', 'alone')
  const person = { api, base: '/users/alone/accounts' } as Person
  expect(await synced(person)).toMatchObject({ status: 'succeeded', result: { links: [] } })
})

test('what opens an institution is encrypted in the database, is in no answer, and moves to a new key', async () => {
  const person = await connected('user_secret')
  await ended(person, person.link.job.id)
  const raw = await native(service.db, accountLinks).findOne({ _id: person.link.id })
  const job = (await native(service.db, jobs).findOne({ _id: person.link.job.id })) as Job
  expect(raw?.sealedToken).toMatch(/^k1\.[\w-]{40,}$/)
  for (const text of [JSON.stringify(raw), JSON.stringify(job), JSON.stringify(person.link)])
    expect(text).not.toMatch(/user_secret|pass_good/)
  const old = `k1:${Buffer.alloc(32, 1).toString('base64')}`
  const vault = createVault(encryptionKeys.parse(`k2:${Buffer.alloc(32, 2).toString('base64')},${old}`))
  await renewSeals({ db: service.db, vault, log: createLog('test', 'silent') })
  const renewed = await readsOn(service.db).find(accountLinks, {})
  expect(renewed.filter(({ sealedToken }) => !sealedToken.startsWith('k2.'))).toEqual([])
  const only = createVault(encryptionKeys.parse(`k2:${Buffer.alloc(32, 2).toString('base64')}`))
  const mine = renewed.find(({ _id }) => _id === person.link.id)
  expect(only.open(mine?.sealedToken ?? '', sealContextOf({ _id: person.link.id }))).toBe('user_secret.0')
  expect(() => only.open(mine?.sealedToken ?? '', sealContextOf({ _id: 'another' }))).toThrow('does not open')
})
