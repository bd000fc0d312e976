import { expect, test } from '@jest/globals'
import { createVerifiedMemory } from './authMemory.js'
import type { Caller } from './caller.js'

const caller: Caller = { kind: 'service', name: 'loan-service' }
const tokenOf = (index: number) => `Bearer header.payload.${'s'.repeat(300)}${index.toString().padStart(8, '0')}`
const long = 1_000_000

test('a token is recognised until its end, and not past it', () => {
  const memory = createVerifiedMemory()
  memory.keep(tokenOf(1), { caller, untilMs: 5_000 })
  expect(memory.find(tokenOf(1), 4_999)?.caller).toBe(caller)
  expect(memory.find(tokenOf(1), 5_000)).toBeUndefined()
})

test('a token that differs anywhere is another one', () => {
  const memory = createVerifiedMemory()
  const token = tokenOf(1)
  memory.keep(token, { caller, untilMs: long })
  for (const at of [0, 7, 20, 200, token.length - 1]) {
    const other = `${token.slice(0, at)}x${token.slice(at + 1)}`
    expect(memory.find(other, 0)).toBeUndefined()
    expect(memory.find(token, 0)?.caller).toBe(caller)
  }
})

test('the memory is bounded; what is asked for stays, what is not goes first', () => {
  const memory = createVerifiedMemory(100)
  for (let index = 0; index < 1_000; index += 1) {
    memory.keep(tokenOf(index), { caller, untilMs: long })
    expect(memory.find(tokenOf(0), 0)?.caller).toBe(caller)
  }
  const kept = Array.from({ length: 1_000 }, (_, index) => memory.find(tokenOf(index), 0)).filter(Boolean)
  expect(kept.length).toBeLessThanOrEqual(100)
  expect(memory.find(tokenOf(999), 0)?.caller).toBe(caller)
  expect(memory.find(tokenOf(1), 0)).toBeUndefined()
})
