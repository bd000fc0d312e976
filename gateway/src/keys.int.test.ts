import { expect, test } from '@jest/globals'
import { freePort } from '@countinghouse/shared/testing/service'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { openTokenOffice } from '@countinghouse/shared/testing/tokens'
import { request as ask } from 'node:http'
import request from 'supertest'
import { openServer } from '@countinghouse/shared/testing/standIn'
import { startTestGateway } from './testing/gateway.js'

test('the gateway is not ready, and believes no token, until auth-service has told its keys', async () => {
  const tokens = await openTokenOffice()
  let isAway = true
  const auth = await openServer((incoming, answer) => {
    if (isAway) return void answer.destroy()
    const asked = ask(tokens.authUrl + (incoming.url ?? ''), { method: incoming.method, headers: incoming.headers })
    asked.once('response', (told) => told.pipe(answer.writeHead(told.statusCode ?? 0, told.headers)))
    incoming.pipe(asked)
  })
  const loans = await openServer((_incoming, answer) => answer.end('[]'))
  const gateway = await startTestGateway({ AUTH_URL: auth.url, LOAN_URL: loans.url })
  const loansFor = (authorization: string) => request(gateway.url).get('/loans').set({ authorization })

  const waiting = await request(gateway.url).get('/readyz')
  expect(waiting.status).toBe(503)
  expect(waiting.body).toEqual({ status: 'waiting', waiting_for: ['auth-service'] })
  const refused = await loansFor(`Bearer ${tokens.userToken('staff')}`)
  expect(refused.status).toBe(503)
  expect(refused.headers['retry-after']).toBe('1')
  expect(refused.body).toMatchObject({ code: 'dependency_unavailable', dependency: 'auth-service' })
  expect((await request(gateway.url).get('/loans')).status).toBe(200)
  expect((await request(gateway.url).get('/healthz')).body).toEqual({ status: 'ok' })

  isAway = false
  await eventually(async () => expect((await request(gateway.url).get('/readyz')).status).toBe(200))
  expect((await loansFor(`Bearer ${tokens.userToken('staff')}`)).status).toBe(200)

  isAway = true
  expect((await loansFor(`Bearer ${tokens.userToken('admin')}`)).status).toBe(200)
  await Promise.all([gateway.stop(), auth.close(), loans.close(), tokens.close()])
})

test('a gateway that still waits for the keys stops at once', async () => {
  const gateway = await startTestGateway({ AUTH_URL: `http://127.0.0.1:${(await freePort()).toString()}` })
  await gateway.stop()
  await expect(fetch(gateway.url)).rejects.toThrow()
})

test('the gateway lets in a good API key by either header, and neither a bad one nor a session that was ended', async () => {
  const loans = await openServer((_incoming, answer) => answer.end('[]'))
  const gateway = await startTestGateway({ LOAN_URL: loans.url })
  const { tokens } = gateway
  tokens.revoke('session', 'session-of-viewer-user')
  const statusFor = async (headers: Record<string, string>) =>
    (await request(gateway.url).get('/loans').set(headers)).status
  const key = tokens.apiKey('availability')
  expect(await statusFor({ 'x-api-key': key })).toBe(200)
  expect(await statusFor({ authorization: `Bearer ${key}` })).toBe(200)
  expect(await statusFor({ 'x-api-key': `${key.slice(0, -1)}x` })).toBe(401)
  expect(await statusFor({ authorization: `Bearer ${tokens.userToken('staff')}` })).toBe(200)
  await eventually(async () =>
    expect(await statusFor({ authorization: `Bearer ${tokens.userToken('viewer')}` })).toBe(401),
  )
  await Promise.all([gateway.stop(), loans.close()])
})
