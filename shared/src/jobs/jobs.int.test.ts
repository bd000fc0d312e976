import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Connection } from 'mongoose'
import { actorOf } from '../http/caller.js'
import { endpoint } from '../http/endpoint.js'
import { createLog } from '../log.js'
import { defineCollection } from '../mongo/collection.js'
import { inTransaction, native, readsOn } from '../mongo/transaction.js'
import { commonRefusals, refuse } from '../refusal.js'
import { freshDatabase } from '../testing/database.js'
import { eventually } from '../testing/eventually.js'
import { startTestService, type TestService } from '../testing/service.js'
import { JobView, jobExample, jobReadEndpoint, toJobView } from './routes.js'
import { findJob, jobs, startJob } from './store.js'
import { workOnce, type JobKind, type JobRun } from './worker.js'

const log = createLog('test', 'silent')
// Longer than any test, but for the one that sees it renewed.
const LEASE_MS = 60_000
const SHORT_LEASE_MS = 1_500
const KIND = 'wallet.count'
const steps = defineCollection<{ _id: string }>('steps', {})
const going = new AbortController().signal

let db: Connection
let close: () => Promise<void>
beforeAll(async () => {
  ;({ db, close } = await freshDatabase(jobs, steps))
})
afterAll(() => close())
beforeEach(async () => {
  await native(db, jobs).deleteMany({})
  await native(db, steps).deleteMany({})
})

const start = async (total = 3) => {
  const job = { kind: KIND, owner: 'user:raj', input: { to: total }, total, now: new Date() }
  return (await inTransaction(db, (tx) => startJob(tx, job)))._id
}
const work = (run: JobKind['run'], { stopping = going, attemptsMax = 5, leaseMs = LEASE_MS } = {}) =>
  workOnce({ db, log, now: () => new Date(), leaseMs, kinds: [{ name: KIND, attemptsMax, run }] }, stopping)
const stored = (id: string) => findJob(readsOn(db), id)
const takeAgainNow = () => native(db, jobs).updateMany({ status: 'queued' }, { $set: { claimableAt: new Date(0) } })

/** Counts on from the checkpoint, each step in one transaction with its effect. */
const count = async (job: JobRun, each: (step: number) => unknown = () => undefined) => {
  const to = job.total ?? 0
  for (let step = ((job.checkpoint as number | null) ?? 0) + 1; step <= to; step++) {
    await each(step)
    await inTransaction(db, async (tx) => {
      await tx.insert(steps, { _id: `${job._id} ${step.toString()}` })
      await job.progress(tx, { done: step, checkpoint: step })
    })
  }
  return { counted: to }
}

describe('a job', () => {
  test('starts with the transaction that asks for it, and not without', async () => {
    const failing = inTransaction(db, async (tx) => {
      await startJob(tx, { kind: KIND, owner: 'user:raj', now: new Date() })
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await work(count)).toBe(false)
    const id = await start()
    expect(id).toMatch(/^wallet\.[0-9a-f-]{36}$/)
    expect(await work(count)).toBe(true)
    expect(await stored(id)).toMatchObject({
      status: 'succeeded',
      done: 3,
      total: 3,
      result: { counted: 3 },
      attempts: 1,
    })
    expect(await work(count)).toBe(false)
  })

  test('is done by one of many workers', async () => {
    const ids = [await start(), await start()]
    const worked = await Promise.all(Array.from({ length: 8 }, () => work(count)))
    expect(worked.filter(Boolean)).toHaveLength(2)
    for (const id of ids) expect(await stored(id)).toMatchObject({ status: 'succeeded', attempts: 1 })
  })

  test('of a worker that died is taken up where it was, and the dead one writes nothing more', async () => {
    const id = await start()
    let revive = () => undefined as void
    const dead = new Promise<void>((resolve) => (revive = resolve))
    const zombie = work((job) => count(job, (step) => (step === 2 ? dead : undefined)))
    await eventually(async () => expect((await stored(id))?.done).toBe(1))
    // A dead worker does not hold its job; this one cannot know that it is dead.
    await native(db, jobs).updateOne({ _id: id }, { $set: { claimableAt: new Date(0) } })
    const begunAt: unknown[] = []
    await work(async (job) => {
      begunAt.push(job.checkpoint)
      revive()
      await zombie
      return count(job)
    })
    expect(begunAt).toEqual([1])
    expect(await stored(id)).toMatchObject({ status: 'succeeded', done: 3, attempts: 2 })
    expect(await native(db, steps).countDocuments()).toBe(3)
  })

  test('is held as long as its worker lives', async () => {
    const id = await start(1)
    const slow = work(
      async (job) => {
        const heldUntil = async () => (await stored(id))?.claimableAt?.getTime() ?? 0
        const atFirst = await heldUntil()
        await eventually(async () => expect(await heldUntil()).toBeGreaterThan(atFirst))
        expect(await work(count)).toBe(false)
        return count(job)
      },
      { leaseMs: SHORT_LEASE_MS },
    )
    await slow
    expect(await stored(id)).toMatchObject({ status: 'succeeded', attempts: 1 })
  })

  test('that fails is tried again later, goes on from its checkpoint, and fails for good after its attempts', async () => {
    const id = await start()
    const failing = (job: JobRun) =>
      count(job, (step) => {
        if (step === 2) throw new Error('secret host is down')
      })
    await work(failing, { attemptsMax: 3 })
    expect(await stored(id)).toMatchObject({ status: 'queued', done: 1, attempts: 1 })
    expect(await work(failing)).toBe(false)
    for (let again = 0; again < 2; again++) {
      await takeAgainNow()
      await work(failing, { attemptsMax: 3 })
    }
    const error = { code: 'internal_error', detail: 'Internal Server Error' }
    expect(await stored(id)).toMatchObject({ status: 'failed', done: 1, attempts: 3, error, claimableAt: null })
  })

  test('that is refused fails at once, with the reason', async () => {
    const id = await start()
    await work(() => Promise.reject(refuse('dependency_unavailable', { dependency: 'The provider' })))
    const detail = 'The provider is not available, try again shortly'
    expect(await stored(id)).toMatchObject({ status: 'failed', error: { code: 'dependency_unavailable', detail } })
  })

  test('that kills its workers comes to an end', async () => {
    const id = await start()
    await native(db, jobs).updateOne({ _id: id }, { $set: { attempts: 5, status: 'running' } })
    await work(count)
    expect(await stored(id)).toMatchObject({ status: 'failed', done: 0 })
  })

  test('of a process that stops is free for another at once, and loses no attempt', async () => {
    const id = await start()
    const stopping = new AbortController()
    await work((job) => count(job, (step) => step === 2 && stopping.abort()), { stopping: stopping.signal })
    expect(await stored(id)).toMatchObject({ status: 'queued', done: 1, attempts: 0 })
    expect(await work(count)).toBe(true)
    expect(await stored(id)).toMatchObject({ status: 'succeeded', done: 3 })
  })
})

const countEndpoint = (now: () => Date) =>
  endpoint({
    ...{ method: 'post', path: '/counts', summary: 'Count', tag: 'Counts', access: ['customer'], status: 202 },
    view: JobView,
    example: { view: jobExample },
    handle: ({ caller, once }) =>
      once(async (tx) => toJobView(await startJob(tx, { kind: KIND, owner: actorOf(caller), total: 2, now: now() }))),
  })

describe('over HTTP', () => {
  let service: TestService
  let release: () => void
  const held = new Promise<void>((resolve) => (release = resolve))
  beforeAll(async () => {
    service = await startTestService({
      name: 'wallet-service',
      readSettings: () => undefined as never,
      refusals: commonRefusals,
      migrations: [],
      build: ({ db: own, now }) => ({
        endpoints: [countEndpoint(now), jobReadEndpoint({ db: own }, '/counts/:id')],
        jobs: [{ name: KIND, run: () => held.then(() => ({ counted: 1 })) }],
      }),
    })
  })
  afterAll(async () => {
    release()
    await service.close()
  })

  const call = async (token: string, path: string, method = 'GET') => {
    const response = await fetch(service.url + path, { method, headers: { authorization: `Bearer ${token}` } })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const raj = () => service.tokens.userToken('customer', 'raj')
  const begin = async () => (await call(raj(), '/counts', 'POST')).body['id'] as string

  test('its owner and the administrators read it, and nobody else learns of it', async () => {
    const id = await begin()
    const view = { id, kind: KIND, progress: { done: 0, total: 2 }, result: null, error: null, finished_at: null }
    expect(await call(raj(), `/jobs/${id}`)).toMatchObject({ status: 200, body: view })
    expect(await call(service.tokens.userToken('admin'), `/jobs/${id}`)).toMatchObject({ status: 200 })
    expect(await call(raj(), `/counts/${id}`)).toMatchObject({ status: 200, body: view })
    for (const token of [service.tokens.userToken('customer', 'eve'), service.tokens.userToken('staff')])
      for (const [path, method] of [
        [`/jobs/${id}`, 'GET'],
        [`/jobs/${id}/cancel`, 'POST'],
      ] as const)
        // prettier-ignore
        expect(await call(token, path, method)).toMatchObject({ status: 404, body: { code: 'job_not_found', job_id: id } })
  })

  test('its owner cancels it, whatever its worker does then, and only before it is finished', async () => {
    const id = await begin()
    await eventually(async () => expect((await call(raj(), `/jobs/${id}`)).body['status']).toBe('running'))
    for (const _repeat of [1, 2])
      expect(await call(raj(), `/jobs/${id}/cancel`, 'POST')).toMatchObject({
        status: 200,
        body: { status: 'cancelled' },
      })
    release()
    const next = await begin()
    await eventually(async () => expect((await call(raj(), `/jobs/${next}`)).body['status']).toBe('succeeded'))
    expect((await call(raj(), `/jobs/${next}`)).body['result']).toEqual({ counted: 1 })
    expect((await call(raj(), `/jobs/${id}`)).body['status']).toBe('cancelled')
    expect(await call(raj(), `/jobs/${next}/cancel`, 'POST')).toMatchObject({
      status: 409,
      body: { code: 'job_finished' },
    })
  })
})
