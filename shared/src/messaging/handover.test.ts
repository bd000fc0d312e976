import { expect, test } from '@jest/globals'
import { EventEmitter, once } from 'node:events'
import type { ClientSession } from 'mongoose'
import { createHandover } from './handover.js'

const open = () => new EventEmitter() as unknown as ClientSession
const rowsOf = (...ids: string[]) => ids.map((_id) => ({ _id }))

test('a row is given once; what was never given, or was given before, is not there', () => {
  const handover = createHandover()
  handover.give(open(), rowsOf('a', 'b'))
  expect([...handover.take(['b', 'c']).keys()]).toEqual(['b'])
  expect([...handover.take(['a', 'b']).keys()]).toEqual(['a'])
})

test('rows that nobody takes are forgotten before they are many', () => {
  const handover = createHandover()
  const ids = Array.from({ length: 1_000 }, (_, index) => index.toString())
  for (const id of ids) handover.give(open(), rowsOf(id))
  expect(handover.take(ids).size).toBeLessThan(100)
})

test('whoever listens hears once of a transaction, when it is over', async () => {
  const handover = createHandover()
  const [session, heard] = [open(), new EventEmitter()]
  let calls = 0
  const stop = handover.listen(() => heard.emit('call', ++calls))
  handover.give(session, rowsOf('a'))
  handover.give(session, rowsOf('b'))
  expect(calls).toBe(0)
  session.emit('ended', session)
  await once(heard, 'call')
  stop()
  session.emit('ended', session)
  expect(calls).toBe(1)
})
