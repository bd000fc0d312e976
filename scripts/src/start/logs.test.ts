import { expect, test } from '@jest/globals'
import { createLog, type Log } from '@countinghouse/shared/log'
import { alarming } from './logs.js'

/** What a service's own logger writes. */
const lineOf = (say: (log: Log) => void): string => {
  let line = ''
  say(createLog('wallet-service', 'info', { write: (text: string) => void (line += text) }))
  return line
}

test('an error is shown with its cause', () => {
  const line = lineOf((log) => log.error({ err: new Error('no channel') }, 'The relay stopped'))
  expect(alarming(line)).toBe('The relay stopped (no channel)')
})

test('everyday lines stay in the file', () => {
  expect(alarming(lineOf((log) => log.info('It listens')))).toBeUndefined()
  expect(alarming(lineOf((log) => log.warn({ err: new Error('not yet') }, 'It tries again')))).toBeUndefined()
})

test('a line that no logger wrote is shown as it is', () => {
  expect(alarming('TypeError: x is not a function')).toBe('TypeError: x is not a function')
})
