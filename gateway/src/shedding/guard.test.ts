import { expect, test } from '@jest/globals'
import { refusal } from '../testing/refusal.js'
import { createGuard } from './guard.js'

const open = (bounds: Partial<Parameters<typeof createGuard>[0]> = {}) => {
  const loop = { delayMs: 0 }
  const enter = createGuard(
    { inFlight: 100, inFlightPerService: 10, eventLoopDelayMs: 100, ...bounds },
    () => loop.delayMs,
  )
  const times = (count: number, owner: string, method: string) =>
    Array.from({ length: count }, () => enter(owner, method))
  return { loop, enter, times }
}

test('a service has so many requests in flight and no more, and the others are not held up by it', () => {
  const { enter, times } = open()
  times(10, 'loan-service', 'POST')
  expect(() => enter('loan-service', 'POST')).toThrow(refusal('overloaded'))
  expect(() => enter('wallet-service', 'POST')).not.toThrow()
})

test('the last fifth is for those who write', () => {
  const { enter, times } = open()
  times(8, 'loan-service', 'GET')
  expect(() => enter('loan-service', 'GET')).toThrow(refusal('overloaded'))
  expect(() => enter('loan-service', 'HEAD')).toThrow(refusal('overloaded'))
  expect(() => enter('loan-service', 'POST')).not.toThrow()
})

test('all services together have their bound', () => {
  const { enter, times } = open({ inFlight: 10 })
  times(5, 'loan-service', 'POST')
  times(5, 'wallet-service', 'POST')
  expect(() => enter('auth-service', 'POST')).toThrow(refusal('overloaded'))
})

test('a place that is given back is free again', () => {
  const { enter, times } = open()
  const [leave] = times(10, 'loan-service', 'POST')
  leave?.()
  expect(() => enter('loan-service', 'POST')).not.toThrow()
  expect(() => enter('loan-service', 'POST')).toThrow(refusal('overloaded'))
})

test('when the event loop is late, readers are refused first, then writers too, until it is not', () => {
  const { loop, enter } = open()
  loop.delayMs = 90
  expect(() => enter('loan-service', 'GET')).toThrow(refusal('overloaded'))
  expect(() => enter('loan-service', 'POST')).not.toThrow()
  loop.delayMs = 101
  expect(() => enter('loan-service', 'POST')).toThrow(refusal('overloaded'))
  loop.delayMs = 0
  expect(() => enter('loan-service', 'GET')).not.toThrow()
})
