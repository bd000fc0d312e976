import { readdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { expectAnswer } from '@countinghouse/scripts/demo/expect'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { pathOf, textOf } from '../ops/house.js'
import { findPrometheus, startPrometheus } from '../ops/prometheus.js'
import { newBorrower } from './borrower.js'
import { becomes, startTestSystem, type TestSystem } from './system.js'

type Span = { traceId: string; spanId: string; parentSpanId?: string; name: string; service: string }
type Exported = {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] }
    scopeSpans: { spans: Omit<Span, 'service'>[] }[]
  }[]
}

const spans: Span[] = []
/** As much of an OTLP collector as takes JSON over HTTP. */
const collect = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { resourceSpans } = JSON.parse((await buffer(request)).toString()) as Exported
  for (const { resource, scopeSpans } of resourceSpans) {
    const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? ''
    spans.push(...scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service }))))
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
}

let collector: Server
let system: TestSystem
beforeAll(async () => {
  collector = createServer((request, response) => void collect(request, response))
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port.toString()}`
  system = await startTestSystem({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } })
})
afterAll(async () => {
  await system.close()
  await new Promise((resolve) => collector.close(resolve))
})

test('one approval is one trace, through gateway, loan, wallet and reporting', async () => {
  const { token, loanId } = await newBorrower(system)
  const admin = await system.adminToken()
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
  const body = { loan_id: loanId, action: 'approve' }
  expectAnswer(await system.api.post('/loans/admin/approve', { token: admin, body, headers }), 200)
  await becomes(() => system.api.get(`/loans/${loanId}`, { token }), { status: 'ACTIVE' })
  const ours = () => spans.filter((span) => span.traceId === traceId)
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

type Dashboard = { title: string; panels: { title: string; targets: { expr: string }[] }[] }
const folder = pathOf('observability/grafana/dashboards')
const panels = readdirSync(folder).flatMap((file) => {
  const { title, panels: all } = JSON.parse(textOf(`observability/grafana/dashboards/${file}`)) as Dashboard
  return all.flatMap((panel) => panel.targets.map(({ expr }) => ({ name: `${title}: ${panel.title}`, expr })))
})

const prometheus = findPrometheus()
if (prometheus !== undefined) {
  test('every panel shows something of a running system, or asks for what nobody has done yet', async () => {
    const services = Object.values(system.ports).map(({ metricsPort }) => metricsPort)
    const watcher = await startPrometheus(prometheus, services)
    try {
      // The broker's own figures come from a port of its own.
      const asked = panels.filter(({ expr }) => !expr.includes('rabbitmq_'))
      const empty = async () => {
        const found = asked.map(async ({ name, expr }) =>
          (await watcher.count(expr.replaceAll('"$service"', '~".+"'))) === 0 ? [{ name, expr }] : [],
        )
        return (await Promise.all(found)).flat()
      }
      const always = [
        'Requests',
        'Entries posted',
        'Loans by state',
        'Handled',
        'MongoDB, slowest hundredth by command',
      ]
      await eventually(async () => {
        const missing = (await empty()).filter(({ name }) => always.some((title) => name.endsWith(`: ${title}`)))
        expect(missing).toEqual([])
      }, 30_000)
      const [quiet, known] = [await empty(), await watcher.metrics()]
      expect(quiet.length).toBeLessThan(asked.length / 2)
      const isKnown = ({ expr }: { expr: string }) => (expr.match(/\b[a-z]+(_[a-z0-9]+)+\b/g) ?? []).some((name) => known.has(name)) // prettier-ignore
      expect(quiet.filter((panel) => !isKnown(panel))).toEqual([])
    } finally {
      await watcher.close()
    }
  })
}
