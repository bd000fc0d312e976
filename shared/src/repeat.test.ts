import { expect, test } from '@jest/globals'
import { EventEmitter, once } from 'node:events'
import { createLog } from './log.js'
import { repeatInLanes } from './repeat.js'
import { eventually } from './testing/eventually.js'

/** Works on letters, each of which is done when the test says so. */
const lanes = (letters: string[], atOnce: number) => {
  const doors = new EventEmitter()
  const [begun, ended]: [string[], string[]] = [[], []]
  let asked = 0
  const { stop } = repeatInLanes({
    ...{ everyMs: 1, atOnce, log: createLog('test', 'silent'), failure: 'It failed' },
    take: () => Promise.resolve((asked++, letters.shift())),
    work: async (letter) => {
      begun.push(letter)
      await once(doors, letter)
      ended.push(letter)
    },
  })
  return { begun, ended, doors, stop, asked: () => asked }
}

test('what is due is worked on a few at once, and the next begins when one ends', async () => {
  const { begun, doors, stop, asked } = lanes(['a', 'b', 'c', 'd'], 2)
  await eventually(() => expect(begun).toEqual(['a', 'b']))
  expect(asked()).toBe(2)
  doors.emit('b')
  await eventually(() => expect(begun).toEqual(['a', 'b', 'c']))
  for (const letter of ['a', 'c']) doors.emit(letter)
  await eventually(() => expect(begun).toEqual(['a', 'b', 'c', 'd']))
  doors.emit('d')
  await stop()
})

test('one that fails keeps no other back', async () => {
  const { begun, ended, doors, stop } = lanes(['a', 'b', 'c'], 2)
  await eventually(() => expect(begun).toEqual(['a', 'b']))
  doors.emit('error', new Error('no'))
  await eventually(() => expect(begun).toEqual(['a', 'b', 'c']))
  doors.emit('c')
  await stop()
  expect(ended).toEqual(['c'])
})

test('a stop waits for what is under way and begins nothing', async () => {
  const { begun, ended, doors, stop } = lanes(['a', 'b'], 1)
  await eventually(() => expect(begun).toEqual(['a']))
  const stopped = stop()
  doors.emit('a')
  await stopped
  expect([begun, ended]).toEqual([['a'], ['a']])
})
