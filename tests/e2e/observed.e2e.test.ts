import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { expectAnswer } from '@countinghouse/scripts/demo/expect'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { testServers } from '@countinghouse/shared/testing/servers'
import { pathOf, testBy, textOf } from '../ops/house.js'
import { brokerFiguresOf, findPrometheus, startPrometheus } from '../ops/prometheus.js'
import { newBorrower } from './borrower.js'
import { startCollector, type Collector } from './collector.js'
import { startLoad } from './load.js'
import { becomes, startTestSystem, type TestSystem } from './system.js'

let collector: Collector
let system: TestSystem
beforeAll(async () => {
  collector = await startCollector()
  system = await startTestSystem({
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint },
    serviceEnvironment: { 'loan-service': { LOAN_MAX_OPEN: '100000' } },
  })
})
afterAll(async () => {
  await system.close()
  await collector.close()
})

test('one approval is one trace, through gateway, loan, wallet and reporting', async () => {
  const { token, loanId } = await newBorrower(system)
  const admin = await system.adminToken()
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
  const body = { loan_id: loanId, action: 'approve' }
  expectAnswer(await system.api.post('/loans/admin/approve', { token: admin, body, headers }), 200)
  await becomes(() => system.api.get(`/loans/${loanId}`, { token }), { status: 'ACTIVE' })
  const ours = () => collector.of(traceId)
  await eventually(() => {
    const names = ours().map(({ service, name }) => `${service}: ${name}`)
    expect(names).toEqual(
      expect.arrayContaining([
        'gateway: POST /loans',
        'loan-service: POST /loans/admin/approve',
        'loan-service: publish countinghouse.loan.approved.v1',
        'wallet-service: wallet.loan-events countinghouse.loan.approved.v1',
        'loan-service: loan.wallet-events countinghouse.wallet.credited.v1',
        'reporting-service: projection countinghouse.loan.activated.v1',
      ]),
    )
  }, 15_000)
  const ids = new Set(ours().map(({ spanId }) => spanId))
  const roots = ours().filter(({ parentSpanId = '' }) => !ids.has(parentSpanId))
  expect(roots).toMatchObject([{ service: 'gateway', parentSpanId: '00f067aa0ba902b7' }])
})

type Dashboard = { title: string; panels: { title: string; targets?: { expr: string }[] }[] }
const folder = pathOf('observability/grafana/dashboards')
const questions = readdirSync(folder).flatMap((file) => {
  const { title, panels } = JSON.parse(textOf(`observability/grafana/dashboards/${file}`)) as Dashboard
  return panels.flatMap((panel) => panel.targets?.map(({ expr }) => ({ name: `${title}: ${panel.title}`, expr })) ?? [])
})

/** What has no figure here, by the metric, and why. */
const silent: Readonly<Record<string, string>> = {
  kube_cronjob_status_last_successful_time: 'a cluster tells it',
  backup_reaches_timestamp_seconds: 'nobody takes backups here',
  sales_overdue_amount: 'nobody owes anything',
  nightly_last_done_timestamp_seconds: 'nights are looked for from a minute after the start on',
}

const testByPrometheus = testBy('Prometheus', findPrometheus('prometheus'))

testByPrometheus('every panel shows figures of a system at work', async (prometheus) => {
  const { rabbitmqAdminUrl } = testServers()
  const address = await brokerFiguresOf(rabbitmqAdminUrl)
  const broker = address ? { address, vhost: new URL(system.rabbitmqUrl).pathname.slice(1) } : undefined
  const excused = { ...silent, ...(!broker && { rabbitmq_: 'this broker shows its figures to nobody' }) }
  const processes = Object.values(system.ports).map(({ metricsPort }) => metricsPort)
  const watcher = await startPrometheus(prometheus, { processes, broker })
  try {
    const asked = questions.filter(({ expr }) => !Object.keys(excused).some((metric) => expr.includes(metric)))
    const empty = async () => {
      const counts = await Promise.all(asked.map(({ expr }) => watcher.count(expr.replaceAll('"$service"', '~".+"'))))
      return asked.filter((_, index) => counts[index] === 0)
    }
    expect(await watcher.count('rate(no_such_metric[5m])')).toBe(0)
    const load = await startLoad(system.client)
    // A series shows a rate from its second figure on, so the work goes on until all are seen.
    await eventually(async () => {
      await load.round()
      expect(await empty()).toEqual([])
    }, 150_000)
  } finally {
    await watcher.close()
  }
})
