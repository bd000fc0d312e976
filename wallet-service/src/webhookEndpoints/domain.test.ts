import { expect, test } from '@jest/globals'
import { afterTry, isGivenUp, isWanted, nextTry, rotate, type WebhookDelivery, type WebhookEndpoint } from './domain.js'
import { toBody } from './payload.js'

const HOUR_MS = 3_600_000
const begun = new Date('2026-11-21T09:30:00Z')
const due: WebhookDelivery = {
  ...{ _id: 'd', endpointId: 'e', eventId: 'v', type: 'wallet.credited', body: '{}', status: 'pending', attempts: [] },
  ...{ triedSince: begun, tries: 0, dueAt: begun, createdAt: begun },
}
const attempt = (status: number | null) => ({ at: begun, status, error: null, answer: null, tookMs: 1 })

test('an event is wanted by its name, by its group and by a star', () => {
  const wanted = ['*', 'wallet.*', 'wallet.credited', 'wallet.debited', 'payment.*', 'wallet', 'wallet.c*']
  expect(wanted.filter((filter) => isWanted('wallet.credited', [filter]))).toEqual(['*', 'wallet.*', 'wallet.credited'])
})

test('an endpoint that takes nothing is tried with growing gaps for three days, and then no more', () => {
  const times: number[] = []
  let delivery = due
  while (delivery.dueAt) {
    const now = delivery.dueAt
    times.push(now.getTime() - begun.getTime())
    delivery = afterTry({ ...delivery, tries: delivery.tries + 1 }, attempt(times.length % 2 ? 500 : null), now)
  }
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
  expect(gaps.slice(0, -1)).toEqual(gaps.slice(0, -1).toSorted((one, other) => one - other))
  expect([times.at(0), (times.at(-1) ?? 0) / HOUR_MS, times.length, delivery.status]).toEqual([0, 72, 13, 'failed'])
})

test('a redirect, and anything else but a success, is tried again; a success is not', () => {
  for (const status of [301, 404, 500, null])
    expect(afterTry({ ...due, tries: 1 }, attempt(status), begun).status).toBe('pending')
  expect(afterTry({ ...due, tries: 1 }, attempt(204), begun)).toMatchObject({ status: 'delivered', dueAt: null })
  expect(nextTry(1, begun, begun)).toEqual(new Date(begun.getTime() + 10_000))
})

test('an endpoint is given up when nothing got through while something was tried for three days', () => {
  const failed = { ...due, status: 'failed' as const }
  const endpoint = { lastSuccessAt: null } as WebhookEndpoint
  expect(isGivenUp(endpoint, failed)).toBe(true)
  expect(isGivenUp({ ...endpoint, lastSuccessAt: new Date(begun.getTime() + HOUR_MS) }, failed)).toBe(false)
})

test('a secret that is replaced signs on for as long as was asked for, and never longer than before', () => {
  const first = rotate([], { sealed: 'one', overlapMs: 0 }, begun)
  const second = rotate(first, { sealed: 'two', overlapMs: HOUR_MS }, begun)
  const third = rotate(second, { sealed: 'three', overlapMs: 24 * HOUR_MS }, begun)
  const inAnHour = new Date(begun.getTime() + HOUR_MS)
  expect(third.map(({ sealed }) => sealed)).toEqual(['three', 'two', 'one'])
  expect(third[2]?.expiresAt).toEqual(inAnHour)
  expect(rotate(third, { sealed: 'four', overlapMs: 0 }, inAnHour).map(({ sealed }) => sealed)).toEqual(['four'])
})

test('those outside read decimals, as everywhere', () => {
  const event = { id: 'v', type: 'countinghouse.wallet.credited.v1', time: 'now', data: { amount_minor: '1250', currency: 'USD', reference: { kind: 'x' } } } // prettier-ignore
  expect(JSON.parse(toBody(event as never))).toEqual({
    ...{ id: 'v', type: 'wallet.credited', created_at: 'now' },
    data: { amount: 12.5, currency: 'USD', reference: { kind: 'x' } },
  })
})
