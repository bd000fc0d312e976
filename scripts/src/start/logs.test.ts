import { expect, test } from '@jest/globals'
import { alarming } from './logs.js'

test('an error is shown with its cause', () => {
  const line = JSON.stringify({ level: 50, msg: 'relay stopped', err: { message: 'no channel' } })
  expect(alarming(line)).toBe('relay stopped (no channel)')
})

test('everyday lines stay in the file', () => {
  expect(alarming(JSON.stringify({ level: 30, msg: 'listening' }))).toBeUndefined()
})

test('a line that no logger wrote is shown as it is', () => {
  expect(alarming('TypeError: x is not a function')).toBe('TypeError: x is not a function')
})
