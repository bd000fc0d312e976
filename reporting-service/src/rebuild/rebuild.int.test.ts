import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { loanApplied } from '@countinghouse/shared/contracts/loan'
import { newEvent } from '@countinghouse/shared/messaging/event'
import { positions } from '@countinghouse/shared/messaging/position'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvents } from '@countinghouse/shared/testing/publish'
import { testServers } from '@countinghouse/shared/testing/servers'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import request from 'supertest'
import { reportingService } from '../app.js'

const COMMAND = fileURLToPath(new URL('../../dist/rebuild/main.js', import.meta.url))

let service: TestService
beforeAll(async () => {
  service = await startTestService(reportingService)
})
afterAll(() => service.close())

type Ended = { code: number; stdout: string; stderr: string }

/** `npm run projections:rebuild`, without the build. */
const rebuild = (...names: string[]): Promise<Ended> => {
  const env = {
    MONGODB_URI: testServers().mongodbUri,
    MONGODB_DATABASE: service.db.name,
    RABBITMQ_URL: service.rabbitmqUrl,
  }
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...names], { env, cwd: tmpdir() }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr })
    })
  })
}

const portfolio = async () => {
  const asAdmin = { authorization: `Bearer ${service.tokens.userToken('admin')}` }
  const { status, body } = await request(service.url).get('/api/v1/reports/portfolio').set(asAdmin)
  const { total, sum_amount: sum } = body as { total: number; sum_amount: number }
  return { status, total, sum }
}
const copyOf = async (name: string) => (await readsOn(service.db).findOne(positions, { _id: name }))?.copy

test('the command makes a projection anew and says how far it is, while the one before it answers', async () => {
  const loans = Array.from({ length: 200 }, (_, at) => `l${at}`)
  const facts = { customer_id: 'c1', currency: 'USD', term_months: 12, risk_score: 0.25, amount_minor: 100n }
  const appliedAt = '2026-11-21T09:30:00.000Z'
  await publishEvents(
    service.rabbitmqUrl,
    loans.map((loan_id) => newEvent(loanApplied, loan_id, { ...facts, loan_id, applied_at: appliedAt })),
  )
  const whole = { status: 200, total: 200, sum: 200 }
  await eventually(async () => expect(await portfolio()).toEqual(whole))

  const state: { ended?: Ended } = {}
  const ending = rebuild('portfolio').then((ended) => (state.ended = ended))
  const answers = new Set<string>()
  while (!state.ended) answers.add(JSON.stringify(await portfolio()))
  const { code, stdout, stderr } = await ending

  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^portfolio: \d+ of \d+ events$/m)
  expect(stdout).toMatch(/^Done/m)
  expect(stdout).not.toContain('reports:')
  expect([...answers]).toEqual([JSON.stringify(whole)])
  expect([await copyOf('portfolio'), await copyOf('reports')]).toEqual([2, 1])
  expect(await service.db.collection('portfolio_loans~2').countDocuments()).toBe(200)
})

test('what there is not cannot be made anew: the command says what there is', async () => {
  const { code, stderr } = await rebuild('porfolio')
  expect(code).toBe(1)
  expect(stderr).toBe('No such projection: porfolio; there are portfolio, reports\n')
})
