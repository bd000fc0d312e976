import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { recordIdentity, stopLeftovers } from './identity.js'

let folder = ''
const file = () => join(folder, 'server.pid')
const sleeper = () => spawn('sleep', ['4321'], { stdio: 'ignore' })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countinghouse-identity-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('what a killed launcher left behind is stopped', async () => {
  const leftover = sleeper()
  const ended = once(leftover, 'exit')
  recordIdentity(file(), { pid: leftover.pid ?? 0, marker: '4321' })
  await stopLeftovers(folder)
  await ended
  expect(leftover.signalCode).toBe('SIGTERM')
  expect(existsSync(file())).toBe(false)
})

test('a process that only got the recorded number is left alone', async () => {
  const stranger = sleeper()
  recordIdentity(file(), { pid: stranger.pid ?? 0, marker: '/some/other/folder' })
  await stopLeftovers(folder)
  expect(stranger.kill(0)).toBe(true)
  stranger.kill('SIGKILL')
})
