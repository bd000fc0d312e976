import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { SERVICE_TOKEN_PATH, createServiceToken } from './authService.js'
import { createServiceClient } from './client.js'

// Stands for auth-service and for a service that takes only what `good` says.
const world = { issued: 0, lifeSeconds: 300, good: [] as string[], shown: [] as (string | undefined)[], isDown: false }
let server: Server
let url: string
beforeAll(async () => {
  server = createServer(({ url: path, headers }, response) => {
    if (world.isDown) return void response.writeHead(503).end('{}')
    if (path === SERVICE_TOKEN_PATH) {
      world.issued += 1
      return void response.end(
        JSON.stringify({ access_token: `t${world.issued.toString()}`, expires_in: world.lifeSeconds }),
      )
    }
    world.shown.push(headers.authorization)
    const isGood = world.good.includes(headers.authorization ?? '')
    response.writeHead(isGood ? 200 : 401, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isGood ? { done: true } : { code: 'invalid_token', detail: 'Invalid token' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  Object.assign(world, { issued: 0, lifeSeconds: 300, good: ['Bearer t1'], shown: [], isDown: false })
})

const open = () => {
  const serviceToken = createServiceToken({ authUrl: url, name: 'loan-service', secret: 'secret' })
  const client = createServiceClient('wallet-service', url, serviceToken)
  const call = (authorization?: string) =>
    client.call({ path: '/x', ...(authorization !== undefined && { authorization }) }, z.object({ done: z.boolean() }))
  return { serviceToken, call }
}

test('a service asks for its token once, however many calls it makes at once', async () => {
  const { call } = open()
  await Promise.all([call(), call(), call()])
  await call()
  expect(world.issued).toBe(1)
})

test('a caller’s own token is passed on, and nothing put in its place when it is refused', async () => {
  const { call } = open()
  world.good = ['Bearer of-a-user']
  await expect(call('Bearer of-a-user')).resolves.toEqual({ done: true })
  await expect(call('Bearer old')).rejects.toMatchObject({ status: 401, code: 'invalid_token' })
  expect(world.shown).toEqual(['Bearer of-a-user', 'Bearer old'])
  expect(world.issued).toBe(0)
})

test('a token that is refused is renewed once', async () => {
  const { call } = open()
  await call()
  world.good = ['Bearer t2']
  await expect(call()).resolves.toEqual({ done: true })
  expect(world.shown).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t2'])
})

test('that a service is not let in is a fault of ours: no caller is told to log in', async () => {
  const { call } = open()
  world.good = []
  const error: unknown = await call().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Error)
  expect(error).not.toHaveProperty('status')
  expect(world.shown).toHaveLength(2)
})

test('a token is renewed before its end, and never used past it', async () => {
  world.lifeSeconds = 0.001
  const { serviceToken } = open()
  const first = await serviceToken.authorization()
  expect(await serviceToken.authorization()).not.toBe(first)
})

test('while no token is to be had the dependency is named', async () => {
  world.isDown = true
  const { call } = open()
  await expect(call()).rejects.toMatchObject({ status: 503, context: { dependency: 'auth-service' } })
})
