import { expect, test } from '@jest/globals'
import { BEFORE_THE_FIRST, chain, findBreak, findLooseEnd, toFact, type Entry, type Link, type Seal } from './domain.js'

// Nobody attacks here, so the seal is simply what is sealed.
const seal: Seal = (content) => JSON.stringify(Object.entries(content).sort())
const add = (last: Link, id: string, data: Record<string, unknown> = {}): Entry => {
  const about = { id, type: 'countinghouse.sale.refunded.v1', subject: 'SO-1', actor: 'user:u1', correlationid: 'r1' }
  return chain(toFact({ ...about, time: '2026-11-21T09:30:00.000Z', data }), last, JSON.stringify, seal)
}
const first = add(BEFORE_THE_FIRST, 'e1')
const second = add(first, 'e2')
const third = add(second, 'e3')
const breakOf = (...entries: Entry[]) => findBreak(entries, BEFORE_THE_FIRST, seal)

test('the customers of an entry are all whom its data names, and its reason is what the data gives', () => {
  const data = { customer_id: 'c1', user_id: 'u1', party: { id: 'c1', name: 'ABC' }, reason: 'Paid twice' }
  expect(add(BEFORE_THE_FIRST, 'e1', data)).toMatchObject({ customerIds: ['c1', 'u1'], reason: 'Paid twice' })
  expect(add(BEFORE_THE_FIRST, 'e1', { party: null, reason: null, note: 'Broken' })).toMatchObject({
    ...{ customerIds: [], reason: 'Broken', action: 'sale.refunded', entityKind: 'sale', entityId: 'SO-1' },
  })
})

test('a chain holds only as it was made', () => {
  expect(breakOf(first, second, third)).toBeUndefined()
  expect(breakOf(first, third)).toEqual({ height: 2, id: null, problem: 'missing' })
  expect(breakOf(first, { ...second, actor: 'user:u2' }, third)).toEqual({ height: 2, id: 'e2', problem: 'changed' })
})

test('an entry that is written anew with its hash is found at the one after it', () => {
  const forged = add(first, 'e2', { amount_minor: '1' })
  expect(breakOf(first, forged, third)).toEqual({ height: 3, id: 'e3', problem: 'unlinked' })
})

test('a chain that ends too early, too late or otherwise than the log remembers does not hold', () => {
  expect(findLooseEnd(third, third)).toBeUndefined()
  expect(findLooseEnd(second, third)).toMatchObject({ height: 3, problem: 'missing' })
  expect(findLooseEnd(third, second)).toMatchObject({ problem: 'changed' })
  expect(findLooseEnd(third, { ...third, hash: 'another' })).toMatchObject({ problem: 'changed' })
})
